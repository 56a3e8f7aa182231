// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { type DescService, toBinary } from "@bufbuild/protobuf";
import { text } from "../e2e/echo.ts";
import type { Fixture } from "./server-fixture.ts";

/** A client that pings as a test says, not as a contract does. */
export interface RawClient extends Disposable {
  readonly session: ClientHttp2Session;
  /** What each GOAWAY said: its code, the last stream, and its data. */
  readonly goAways: readonly string[];
  ping(): Promise<void>;
  /** Opens a call. */
  call(method: string, value: string): ClientHttp2Stream;
}

/** Connects to a fixture, over plaintext. */
export async function openRaw(fixture: Fixture): Promise<RawClient> {
  const session = connect(`http://127.0.0.1:${fixture.port()}`);
  await once(session, "connect");
  const goAways: string[] = [];
  session.on("goaway", (code, last, data) => goAways.push(`${code} ${last} ${data?.toString() ?? ""}`));
  session.on("error", () => {});
  return {
    session,
    goAways,
    ping: () =>
      new Promise((resolve) => {
        if (session.destroyed || !session.ping(() => resolve())) {
          resolve();
        }
      }),
    call(method, value) {
      const stream = session.request({
        ":method": "POST",
        ":path": `/echo.v1.Echo/${method}`,
        "content-type": "application/grpc",
        te: "trailers",
      });
      const message = encodeText(fixture.service, value);
      const frame = Buffer.alloc(5 + message.length);
      frame.writeUInt32BE(message.length, 1);
      frame.set(message, 5);
      stream.end(frame);
      stream.on("error", () => {});
      stream.resume();
      return stream;
    },
    [Symbol.dispose]: () => session.destroy(),
  };
}

function encodeText(service: DescService, value: string): Uint8Array {
  const [method] = service.methods;
  if (method === undefined) {
    throw new Error(`${service.typeName} has no method`);
  }
  return toBinary(method.input, text(service, value));
}
