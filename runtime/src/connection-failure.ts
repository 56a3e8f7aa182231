// SPDX-License-Identifier: Apache-2.0

// A connection that fails for one of these reasons is not worth another attempt: the same server would be met again. Between
// the socket and the call only a text survives, so the reason stands at its beginning.

/** How the message begins when a server is not who it should be. */
export const identityFailurePrefix = "server identity mismatch: ";

/** How the message begins when TLS fails for another reason. */
export const tlsFailurePrefix = "TLS handshake failed: ";

/** Why no connection could be made that is worth trying again for, or nothing. */
export function lastingConnectionFailure(
  details: string,
): { readonly reason: "identity_mismatch" | "tls_failure"; readonly message: string } | undefined {
  for (const [prefix, reason] of [
    [identityFailurePrefix, "identity_mismatch"],
    [tlsFailurePrefix, "tls_failure"],
  ] as const) {
    const start = details.indexOf(prefix);
    if (start >= 0) {
      // grpc-js adds the time and its own notes behind.
      return { reason, message: details.slice(start).replace(/(?: \([^()]*\))?\.? Resolution note:.*$/s, "") };
    }
  }
  return undefined;
}
