// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import { type ConnectionOptions, connect, type SecureContext } from "node:tls";
import type { SecureConnection } from "./surface.ts";

/** What a connection to an address is secured with. */
export interface AddressSecurity {
  /** The address in the target, which the certificate must carry unless `verify` checks something else. */
  readonly address: string;
  readonly secureContext: SecureContext;
  readonly verify: Pick<ConnectionOptions, "checkServerIdentity">;
}

/**
 * Secures a connection to a server that is known by its address alone. TLS can ask for a server by its name (SNI) and not by an
 * address (RFC 6066, section 3). grpc-js does so nevertheless, Node.js warns of it (DEP0123), and some servers refuse it.
 */
export function secureToAddress(
  socket: Socket,
  { address, secureContext, verify }: AddressSecurity,
): Promise<SecureConnection> {
  const { promise, resolve, reject } = Promise.withResolvers<SecureConnection>();
  const options = { socket, secureContext, host: address, ALPNProtocols: ["h2"], rejectUnauthorized: true, ...verify };
  const secured = connect(options, () => resolve({ socket: secured, secure: true }));
  secured.on("error", reject);
  return promise;
}
