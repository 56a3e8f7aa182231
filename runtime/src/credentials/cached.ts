// SPDX-License-Identifier: Apache-2.0
import { kindOf } from "../check-fields.ts";
import type { CredentialsProvider, ExpiringToken, TokenRequest } from "./provider.ts";

/** How tokens are kept. */
export interface CachedTokenOptions {
  /**
   * How long before its end a token is replaced, in milliseconds, in the background: calls go on with the old one. Default:
   * 60000, and never more than half of the token's time.
   */
  readonly refreshBeforeMs?: number;
  /** The time, by which tokens expire. Default: `Date.now`. */
  readonly now?: () => number;
}

interface Entry {
  current: (ExpiringToken & { readonly refreshAtMs: number }) | undefined;
  fetching: Promise<string> | undefined;
}

/** How long after a refresh that failed the next begins at the earliest, as long as the old token lasts. */
const pauseMs = 1000;

const yearMs = 365 * 24 * 3_600_000;

/**
 * Tokens that are fetched, e.g. from an identity provider, and kept until shortly before they expire. For each audience, or
 * service where the contract names none, there is one request under way at most, however many calls wait for it. A failed refresh
 * is tried again by a call a second later, as long as the old token lasts without anybody noticing.
 *
 * Tokens whose `expiresAtMs` is no time are refused, and so is one that is long past: seconds, most likely.
 */
export function cachedToken(
  fetchToken: (request: TokenRequest) => Promise<ExpiringToken>,
  { refreshBeforeMs = 60_000, now = Date.now }: CachedTokenOptions = {},
): CredentialsProvider {
  const entries = new Map<string, Entry>();
  const refresh = (entry: Entry, request: TokenRequest): Promise<string> => {
    entry.fetching ??= Promise.resolve()
      .then(() => fetchToken(request))
      .then((fetched) => {
        const lastsMs = timeLeft(fetched.expiresAtMs, now());
        entry.current = { ...fetched, refreshAtMs: fetched.expiresAtMs - Math.min(refreshBeforeMs, lastsMs / 2) };
        return fetched.token;
      })
      .finally(() => {
        entry.fetching = undefined;
      });
    return entry.fetching;
  };
  return {
    token(request) {
      // A token for one service must not reach another, unless both say that they are the same audience.
      const key = request.audience === undefined ? `service ${request.service}` : `audience ${request.audience}`;
      const entry = entries.get(key) ?? { current: undefined, fetching: undefined };
      entries.set(key, entry);
      const { current } = entry;
      if (current === undefined || now() >= current.expiresAtMs) {
        return refresh(entry, request);
      }
      if (now() >= current.refreshAtMs) {
        refresh(entry, request).catch(() => {
          entry.current = { ...current, refreshAtMs: now() + pauseMs };
        });
      }
      return current.token;
    },
  };
}

/** How long a token lasts; without a time that can be told, it would last for ever, or be fetched for every call. */
function timeLeft(expiresAtMs: unknown, nowMs: number): number {
  const lastsMs = typeof expiresAtMs === "number" ? expiresAtMs - nowMs : Number.NaN;
  if (Number.isNaN(lastsMs) || lastsMs < -yearMs) {
    const given = typeof expiresAtMs === "number" ? String(expiresAtMs) : kindOf(expiresAtMs);
    throw new Error(
      `expiresAtMs of the fetched token must be in milliseconds since 1970, as Date.now() is, and is ${given}`,
    );
  }
  return lastsMs;
}
