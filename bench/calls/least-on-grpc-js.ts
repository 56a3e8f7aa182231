// SPDX-License-Identifier: Apache-2.0
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { credentials, Client as GrpcClient, Metadata } from "@grpc/grpc-js";
import { createCallOn, type GrpcPickResult } from "../../runtime/src/grpc-js/surface.ts";
import { request, sayMethod } from "./service.ts";

/** The client that does no more than it must on a connection of grpc-js. */
export const leastOnGrpcJs = "connection of grpc-js, deadline and status";

/** What grpc-js keeps to itself. */
interface Inside {
  readonly internalChannel: { doPick(metadata: Metadata, extraPickInfo: object): GrpcPickResult };
}

/**
 * Makes calls on a connection of grpc-js, without its channel and filters, and with no more than a timer and a look at the status:
 * what this costs, nobody saves who stands on these connections.
 */
export function openLeastOnGrpcJs(port: number): () => Promise<unknown> {
  const authority = `127.0.0.1:${port}`;
  const client = new GrpcClient(`dns:///${authority}`, credentials.createInsecure(), { "grpc.enable_channelz": 0 });
  const ready = new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + 5000, (error) => (error ? reject(error) : resolve()));
  });
  const { internalChannel } = client.getChannel() as unknown as Inside;
  const metadata = new Metadata();
  metadata.set("grpc-timeout", "5000m");
  const message = request();
  const call = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const body = toBinary(sayMethod.input, message);
      const frame = Buffer.allocUnsafe(5 + body.length);
      frame[0] = 0;
      frame.writeUInt32BE(body.length, 1);
      frame.set(body, 5);
      let answer: Buffer | undefined;
      const pick = internalChannel.doPick(metadata, {});
      const started = createCallOn(pick, metadata, authority, "/bench.v1.Echo/Say", {
        onReceiveMetadata: () => undefined,
        onReceiveMessage(response) {
          answer = response;
          started.startRead();
        },
        onReceiveStatus({ code, details }) {
          clearTimeout(timer);
          if (code === 0 && answer !== undefined) {
            resolve(fromBinary(sayMethod.output, answer.subarray(5)));
          } else {
            reject(new Error(details));
          }
        },
      });
      const timer = setTimeout(() => started.cancelWithStatus(4, "time is up"), 5000);
      started.startRead();
      started.sendMessageWithContext({}, frame);
      started.halfClose();
    });
  let isReady = false;
  return async () => {
    if (!isReady) {
      await ready;
      isReady = true;
    }
    return call();
  };
}
