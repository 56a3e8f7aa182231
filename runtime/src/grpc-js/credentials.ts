// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import { CallCredentials, ChannelCredentials, type ChannelOptions } from "@grpc/grpc-js";
import type { ServiceContract } from "@talaria/contract";
import { identityFailurePrefix, tlsFailurePrefix } from "../connection-failure.ts";
import type { Connections } from "./connections.ts";
import { checkIdentities } from "./identity.ts";
import { secureToAddress } from "./secure-to-address.ts";
import type { GrpcTarget, SecureConnection, SecureConnector } from "./surface.ts";
import { openTlsMaterial, type TlsMaterial, type TlsOptions } from "./tls-material.ts";

/** What the connections of a client are secured with. */
export interface Security {
  /** Absent for PLAINTEXT. */
  readonly material?: TlsMaterial;
  /** The client was opened with authorities of its own, `tls.ca`, which replace those that Node.js trusts. */
  readonly ownAuthorities: boolean;
  /** Of which the server must present one. Empty: the name in the target. */
  readonly identities: readonly string[];
  /** The address in the target, if it has no name for TLS to ask for. */
  readonly address: string | undefined;
}

/**
 * Channel credentials that see each connection come into being: they give it the connect timeout of the contract, the
 * current TLS material and the identity check, and hand it to `connections`.
 *
 * They equal nothing but themselves, so that each client has connections of its own and what is learned about one is not
 * mixed with what is learned about another.
 */
export class GuardedCredentials extends ChannelCredentials {
  readonly #security: Security;
  readonly #connections: Connections;

  constructor(security: Security, connections: Connections) {
    super();
    this.#security = security;
    this.#connections = connections;
  }

  override _isSecure(): boolean {
    return this.#security.material !== undefined;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    target: GrpcTarget,
    options: ChannelOptions,
    call?: CallCredentials,
  ): SecureConnector {
    const connections = this.#connections;
    return {
      waitForReady: async () => connections.expect(),
      connect: (socket) => connections.open(socket, () => this.#connect(socket, target, options)),
      getCallCredentials: () => call ?? CallCredentials.createEmpty(),
      destroy: () => undefined,
    };
  }

  async #connect(socket: Socket, target: GrpcTarget, options: ChannelOptions): Promise<SecureConnection> {
    const { material, identities, ownAuthorities, address } = this.#security;
    if (material === undefined) {
      return { socket, secure: false };
    }
    const verify =
      identities.length === 0
        ? {}
        : {
            checkServerIdentity: (_: string, certificate: Parameters<typeof checkIdentities>[1]) =>
              checkIdentities(identities, certificate),
          };
    try {
      const secureContext = material();
      if (address !== undefined) {
        return await secureToAddress(socket, { address, secureContext, verify });
      }
      const inner = ChannelCredentials.createFromSecureContext(secureContext, verify);
      return await inner._createSecureConnector(target, options).connect(socket);
    } catch (error) {
      throw explainTlsFailure(error, ownAuthorities);
    }
  }
}

/** What a certificate or the protocol is at fault for. Another attempt would meet it again. */
const tlsCodes =
  /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERROR_IN_|EPROTO$|HOSTNAME_MISMATCH|INVALID_)/;

const unknownAuthority = /^(?:UNABLE_TO_(?:GET_ISSUER|VERIFY)|SELF_SIGNED_|DEPTH_ZERO_SELF_SIGNED_)/;

const remedies = {
  own: "; none of the authorities in tls.ca, which this client was opened with, signed the server's certificate",
  public: "; this client does not know who signed the server's certificate: open it with the authority's, tls: { ca }",
} as const;

/**
 * A server that is not who it should be fails with its own message, and what TLS itself finds wrong says so. A connection that is
 * merely lost during the handshake is like any other that is lost.
 */
function explainTlsFailure(error: unknown, ownAuthorities: boolean): unknown {
  const { message = String(error), code = "" } = error as { message?: string; code?: string };
  if (message.startsWith(identityFailurePrefix) || !tlsCodes.test(code)) {
    return error;
  }
  const prefix = code === "ERR_TLS_CERT_ALTNAME_INVALID" ? identityFailurePrefix : tlsFailurePrefix;
  const remedy = unknownAuthority.test(code) ? remedies[ownAuthorities ? "own" : "public"] : "";
  return new Error(prefix + message + remedy, { cause: error });
}

/**
 * The security of a contract, made of the options of a client.
 *
 * @throws ConnectError INVALID_ARGUMENT when TLS material is unusable.
 */
export function securityOf(
  { transportSecurity: { mode } }: ServiceContract,
  { identities, address }: Pick<Security, "identities" | "address">,
  tls: TlsOptions = {},
): Security {
  const common = { identities, address, ownAuthorities: tls.ca !== undefined };
  return mode === "PLAINTEXT" ? common : { ...common, material: openTlsMaterial(tls, mode === "MUTUAL_TLS") };
}
