// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import { tlsFailurePrefix } from "../connection-failure.ts";

/** What a handshake failed with; where the server speaks no TLS, in words. What OpenSSL says of that helps nobody. */
export function explainHandshake(error: unknown): unknown {
  if (!(error instanceof Error)) {
    return error;
  }
  const { cause, message } = error;
  if ((cause as { code?: unknown } | undefined)?.code === "ERR_SSL_WRONG_VERSION_NUMBER") {
    return new Error(
      `${tlsFailurePrefix}the other end speaks plaintext, and no TLS: set transport_security.mode PLAINTEXT in the contract, ` +
        "or serve TLS there",
      { cause },
    );
  }
  // OpenSSL ends its text with a line break.
  error.message = message.trimEnd();
  return error;
}

/** The length of a TLS record with an alert. The first frame of an HTTP/2 server has nine bytes, at least. */
const alertBytes = 7;

/**
 * Has a plaintext connection say what to look at when the server hangs up on it before a word of HTTP/2: that is what one does that
 * speaks TLS, with an alert or, mostly, without.
 */
export function watchForTlsServer(socket: Socket): void {
  socket.once("end", () => {
    if (socket.bytesRead === 0 || socket.bytesRead === alertBytes) {
      socket.destroy(
        new Error(
          "the other end hung up on plaintext without a word, as servers do that speak TLS: " +
            "if it speaks TLS, set transport_security.mode TLS in the contract",
        ),
      );
    }
  });
}
