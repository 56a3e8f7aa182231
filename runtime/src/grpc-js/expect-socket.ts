// SPDX-License-Identifier: Apache-2.0
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

let expected: ((socket: Socket) => void) | undefined;
let subscribed = false;

/**
 * Hands over the socket that grpc-js opens next for a connection, before it is connected. Nothing else shows a socket to us while
 * it is still connecting, which it may do for minutes; and every socket that the process opens, whoever opens it, is announced in
 * the same way. To be called from within `SecureConnector.waitForReady`, and nowhere else.
 */
export function expectSocket(onSocket: (socket: Socket) => void): void {
  if (!subscribed) {
    subscribed = true;
    subscribe("net.client.socket", (message) => {
      const taker = expected;
      expected = undefined;
      taker?.((message as { socket: Socket }).socket);
    });
  }
  // grpc-js awaits the promise of `waitForReady`, awaits one more that is settled, and opens the socket. Microtasks run in the
  // order in which they were queued: what is queued just before grpc-js goes on runs just before it does, with nothing in
  // between. So the second of these has its turn right before the socket opens, and no other socket can come first, nor can
  // two channels that open at once swap theirs.
  queueMicrotask(() =>
    queueMicrotask(() => {
      expected = onSocket;
      queueMicrotask(() => {
        if (expected === onSocket) {
          expected = undefined;
        }
      });
    }),
  );
}
