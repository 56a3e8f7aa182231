// SPDX-License-Identifier: Apache-2.0
import { fromBinary } from "@bufbuild/protobuf";
import { credentials, Client as GrpcClient, Metadata } from "@grpc/grpc-js";
import { encodeMessage } from "../../runtime/src/grpc-js/prepare.ts";
import { createCallOn, type GrpcPickResult } from "../../runtime/src/grpc-js/surface.ts";
import { request, sayMethod } from "./service.ts";

/** The client that does no more than it must on a connection of grpc-js. */
export const leastOnGrpcJs = "connection of grpc-js, status only";

/** What grpc-js keeps to itself. */
interface Inside {
  readonly internalChannel: { doPick(metadata: Metadata, extraPickInfo: object): GrpcPickResult };
}

/**
 * Makes calls on a connection of grpc-js, without its channel and filters, and with no more than a look at the status, not even a timer:
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
      let answer: Buffer | undefined;
      const pick = internalChannel.doPick(metadata, {});
      const started = createCallOn(pick, metadata, authority, "/bench.v1.Echo/Say", {
        onReceiveMetadata: () => undefined,
        onReceiveMessage(response) {
          answer = response;
          started.startRead();
        },
        onReceiveStatus({ code, details }) {
          if (code === 0 && answer !== undefined) {
            resolve(fromBinary(sayMethod.output, answer.subarray(5)));
          } else {
            reject(new Error(details));
          }
        },
      });
      started.startRead();
      started.sendMessageWithContext({}, encodeMessage(sayMethod, message).frame);
      started.halfClose();
    });
  let open = (): Promise<unknown> => ready.then(call);
  void ready.then(() => {
    open = call;
  });
  return () => open();
}
