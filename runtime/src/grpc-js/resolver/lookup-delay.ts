// SPDX-License-Identifier: Apache-2.0
import type { NameResolution } from "@talaria/contract";
import type { Random } from "../../clock.ts";

/** How the latest lookup of a name ended. */
export type LookupOutcome =
  | {
      readonly kind: "answer";
      /** How long the answer holds. Absent: the source does not say. */
      readonly ttlMs: number | undefined;
    }
  | {
      readonly kind: "failure";
      /** How many lookups failed in a row, this one included. */
      readonly count: number;
    };

/**
 * How long after a lookup the next one is due: when the answer's time to live ends, held between the contract's bounds, or after
 * the backoff of failures. An answer that does not say how long it holds, holds for `maxTtlMs`.
 */
export function lookupDelayMs(outcome: LookupOutcome, policy: NameResolution): number {
  if (outcome.kind === "answer") {
    return Math.min(Math.max(outcome.ttlMs ?? policy.maxTtlMs, policy.minTtlMs), policy.maxTtlMs);
  }
  return Math.min(policy.failureBackoffInitialMs * 2 ** (outcome.count - 1), policy.failureBackoffMaxMs);
}

const jitter = 0.1;

/** A factor from [0.9, 1.1), so that processes started together do not ask together for ever. */
export function drawJitter(random: Random): number {
  return 1 - jitter + 2 * jitter * random();
}
