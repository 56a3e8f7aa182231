// SPDX-License-Identifier: Apache-2.0
import { AsyncLocalStorage } from "node:async_hooks";
import { channel } from "node:diagnostics_channel";
import type { Http2SecureServer, Http2Server } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";

/** What `node:http2` serves with. */
export type AnyHttp2Server = Http2Server | Http2SecureServer;

// grpc-js keeps its HTTP/2 servers to itself: one for each address that a name stands for. Node.js announces every server that
// starts to listen on a documented diagnostics channel, inside the call that made it listen; so no internals are touched.
const listening = channel("tracing:net.server.listen:asyncStart");
const scope = new AsyncLocalStorage<symbol>();

/**
 * Binds, and hands over each HTTP/2 server that starts to listen meanwhile, before it accepts a connection.
 *
 * @throws ConnectError FAILED_PRECONDITION when none was announced, as before Node.js 22.2.
 */
export async function bindObserved<T>(bind: () => Promise<T>, onServer: (server: AnyHttp2Server) => void): Promise<T> {
  const token = Symbol();
  let announced = false;
  const onListening = (message: unknown): void => {
    if (scope.getStore() === token) {
      announced = true;
      onServer((message as { readonly server: AnyHttp2Server }).server);
    }
  };
  listening.subscribe(onListening);
  try {
    const bound = await scope.run(token, bind);
    if (!announced) {
      throw new ConnectError(
        `Node.js ${process.version} does not announce the servers of grpc-js; use Node.js 22.2 or later`,
        Code.FailedPrecondition,
      );
    }
    return bound;
  } finally {
    listening.unsubscribe(onListening);
  }
}
