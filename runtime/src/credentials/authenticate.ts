// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import type { BoundContract, MethodPolicy } from "@talaria/contract";
import type { HeaderInit } from "../wire.ts";
import type { CredentialsProvider, TokenRequest } from "./provider.ts";

/** How the calls of one method say who makes them. */
export interface CallCredentials {
  readonly provider: CredentialsProvider;
  readonly request: TokenRequest;
}

/** What a bearer token may consist of (RFC 6750, section 2.1, `b64token`). */
const sendable = /^[A-Za-z0-9._~+/=-]+$/;

/** The credentials of a method; nothing when its contract asks for none. */
export function credentialsOf(
  service: string,
  { authentication }: MethodPolicy,
  provider: CredentialsProvider | undefined,
): CallCredentials | undefined {
  return authentication?.scheme === "BEARER" && provider !== undefined
    ? { provider, request: { audience: authentication.audience, service } }
    : undefined;
}

/**
 * Checks that a client has the credentials that its contract demands, and that they are not sent in the clear.
 *
 * @throws ConnectError INVALID_ARGUMENT saying what to give.
 */
export function checkCredentials(
  { service, methods, transportSecurity }: BoundContract,
  provider: CredentialsProvider | undefined,
  tokensOverPlaintext: boolean,
): void {
  const method = methods.find(({ authentication }) => authentication?.scheme === "BEARER");
  if (method === undefined) {
    return;
  }
  const name = `${service}/${method.name}`;
  if (typeof provider?.token !== "function") {
    throw new ConnectError(
      `the contract of ${name} demands a bearer token: open the client with credentials, e.g. ` +
        'credentials: tokenFromFile("/var/run/secrets/token")',
      Code.InvalidArgument,
    );
  }
  if (transportSecurity.mode === "PLAINTEXT" && !tokensOverPlaintext) {
    throw new ConnectError(
      `the tokens of ${name} would be sent in the clear, because its transport security is PLAINTEXT: use TLS, or, for a ` +
        "test, open the client with override: { reason: …, tokensOverPlaintext: true }",
      Code.InvalidArgument,
    );
  }
}

/**
 * The headers of a call, with its token.
 *
 * @throws ConnectError UNAUTHENTICATED when there is no token, or one that cannot be sent. The message never has the token.
 */
export async function authorizedHeader(header: HeaderInit, { provider, request }: CallCredentials): Promise<Headers> {
  let token: unknown;
  try {
    token = await provider.token(request);
  } catch (error) {
    throw unauthenticated(request, `the credentials provider failed: ${(error as Error)?.message ?? String(error)}`);
  }
  if (typeof token !== "string" || !sendable.test(token)) {
    const what = token === "" || token === undefined ? "no token" : "a token with characters that no bearer token has";
    throw unauthenticated(request, `the credentials provider gave ${what}`);
  }
  const headers = new Headers(header);
  headers.set("authorization", `Bearer ${token}`);
  return headers;
}

function unauthenticated({ service, audience }: TokenRequest, why: string): ConnectError {
  const whom = audience === undefined ? service : `${service} (audience ${audience})`;
  return new ConnectError(`no credentials for ${whom}: ${why}; nothing was sent`, Code.Unauthenticated);
}
