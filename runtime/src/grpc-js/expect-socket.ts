// SPDX-License-Identifier: Apache-2.0
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

const expectations: ((socket: Socket) => void)[] = [];
let subscribed = false;

/**
 * Hands over the next socket that this process opens, before it is connected. grpc-js says that it is about to open one,
 * waits for nothing but promises, and opens it; nothing else shows a socket to us while it is still connecting, which it may
 * do for minutes. Sockets come in the order in which they were expected; what was not fulfilled when the event loop moves
 * on is forgotten.
 */
export function expectSocket(onSocket: (socket: Socket) => void): void {
  if (!subscribed) {
    subscribed = true;
    subscribe("net.client.socket", (message) => {
      expectations.shift()?.((message as { socket: Socket }).socket);
    });
  }
  expectations.push(onSocket);
  setImmediate(() => {
    const index = expectations.indexOf(onSocket);
    if (index >= 0) {
      expectations.splice(index, 1);
    }
  });
}
