// SPDX-License-Identifier: Apache-2.0
import { connect } from "node:http2";
import { fromBinary } from "@bufbuild/protobuf";
import { encodeMessage } from "../../runtime/src/grpc-js/prepare.ts";
import { request, sayMethod } from "./service.ts";

/** The client that does no more than it must. */
export const leastClient = "node:http2, deadline and status";

/**
 * Makes calls on node:http2 with the least that a call with a deadline needs: a timer, the time that the server has, and a look at
 * the status. No policy, no metadata, no error to speak of: what this costs, nobody saves who stands on node:http2.
 */
export function openLeast(port: number): () => Promise<unknown> {
  const authority = `127.0.0.1:${port}`;
  const session = connect(`http://${authority}`);
  const message = request();
  return () =>
    new Promise((resolve, reject) => {
      const stream = session.request({
        ":method": "POST",
        ":path": "/bench.v1.Echo/Say",
        ":authority": authority,
        "content-type": "application/grpc+proto",
        te: "trailers",
        "grpc-timeout": "5000m",
      });
      const timer = setTimeout(() => stream.close(), 5000);
      let answer: Buffer | undefined;
      let status: string | string[] | undefined;
      stream.on("data", (chunk: Buffer) => {
        answer = chunk;
      });
      stream.on("trailers", (trailers) => {
        status = trailers["grpc-status"];
      });
      stream.on("end", () => {
        clearTimeout(timer);
        if (answer !== undefined && status === "0") {
          resolve(fromBinary(sayMethod.output, answer.subarray(5)));
        } else {
          reject(new Error(`status ${status}`));
        }
      });
      stream.on("error", reject);
      stream.end(encodeMessage(sayMethod, message).frame);
    });
}
