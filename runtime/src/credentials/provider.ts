// SPDX-License-Identifier: Apache-2.0

/** For what a token is asked. */
export interface TokenRequest {
  /** The audience that the contract names. */
  readonly audience: string | undefined;
  /** The full name of the service that is called. */
  readonly service: string;
}

/** Gives the tokens with which a client says who it is: the text after `Bearer `. */
export interface CredentialsProvider {
  /** Called once per call; it should answer from memory most of the time. What it throws fails the call, unsent. */
  token(request: TokenRequest): string | Promise<string>;
}

/** A token with the time until which it can be used. */
export interface ExpiringToken {
  readonly token: string;
  /** By `Date.now()`. */
  readonly expiresAtMs: number;
}

/** Always the same token. */
export function staticToken(token: string): CredentialsProvider {
  return { token: () => token };
}
