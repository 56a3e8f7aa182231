// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import type { CallerIdentity } from "../context/call-scope.ts";
import { subjectNames } from "../grpc-js/identity.ts";

/**
 * Says who a bearer token belongs to.
 *
 * What it throws fails the call as UNAUTHENTICATED; the caller is told no more than that the token was refused.
 */
export type TokenVerifier = (token: string) => Promise<CallerIdentity>;

/** How JSON Web Tokens are verified. */
export interface JwtOptions {
  /** Whom the token must be meant for: the `audience` of the contract. */
  readonly audience: string;
  /** Who must have issued it. */
  readonly issuer: string;
  /**
   * Where the issuer publishes its keys (a JWK set), or the keys themselves. An address is `https:`; `http:` is for this machine
   * alone, e.g. a proxy beside the server, since whoever changes the keys under way can sign any token.
   */
  readonly keys: URL | { readonly keys: readonly object[] };
}

/**
 * Verifies JSON Web Tokens (RFC 7519) with the package `jose`, which must be installed: signature, issuer, audience, and that
 * the token has not expired.
 *
 * @throws ConnectError INVALID_ARGUMENT when an option is missing or of the wrong kind: a token would not be checked for it. And when
 * the keys would come over `http:` from another machine.
 */
export async function jwtVerifier({ audience, issuer, keys }: JwtOptions): Promise<TokenVerifier> {
  checkOptions({ audience, issuer, keys });
  const { createLocalJWKSet, createRemoteJWKSet, jwtVerify } = await import("jose");
  const keySet = keys instanceof URL ? createRemoteJWKSet(keys) : createLocalJWKSet(keys as never);
  return async (token) => {
    const { payload } = await jwtVerify(token, keySet, { audience, issuer, requiredClaims: ["exp", "sub"] });
    return { scheme: "bearer", subject: payload.sub ?? "", claims: payload };
  };
}

/** To `jose`, an audience or issuer that is `undefined`, as an environment variable may be, means any. */
function checkOptions({ audience, issuer, keys }: Readonly<Record<keyof JwtOptions, unknown>>): void {
  const missing = Object.entries({ audience, issuer }).find(([, value]) => typeof value !== "string" || value === "");
  if (missing !== undefined) {
    throw refused(
      `${missing[0]} must be a text that is not empty: without it, tokens for or from anybody would be good`,
    );
  }
  if (typeof keys !== "object" || keys === null) {
    throw refused('keys must be a URL, e.g. new URL("https://id.example/jwks.json"), or a JWK set: { keys: [ … ] }');
  }
  if (keys instanceof URL && keys.protocol !== "https:" && !isOnThisMachine(keys)) {
    throw refused(
      `keys would come from ${keys.origin} in the clear, where who changes them can sign any token: use https:, or a JWK set`,
    );
  }
}

function isOnThisMachine({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function refused(why: string): ConnectError {
  return new ConnectError(`jwtVerifier: ${why}`, Code.InvalidArgument);
}

/**
 * Who made a call, by its `authorization` header.
 *
 * @throws ConnectError UNAUTHENTICATED, without the token and without what is wrong with it.
 */
export async function callerOf(
  authorization: string | null | undefined,
  verify: TokenVerifier,
): Promise<CallerIdentity> {
  const [, token] = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(authorization ?? "") ?? [];
  if (token === undefined) {
    throw new ConnectError("a bearer token is required", Code.Unauthenticated);
  }
  try {
    return await verify(token);
  } catch {
    throw new ConnectError("the bearer token was refused", Code.Unauthenticated);
  }
}

/** Who holds a certificate, by the names in it; nothing when there are none. It says nothing of whether it was verified. */
export function callerOfCertificate(
  certificate: { readonly subjectaltname?: string | undefined } | undefined,
): CallerIdentity | undefined {
  const found = subjectNames(certificate?.subjectaltname ?? "");
  const names = found.map(({ kind, value }) => `${kind}:${value}`);
  const [first] = found;
  return first === undefined ? undefined : { scheme: "mutual_tls", subject: first.value, claims: { names } };
}
