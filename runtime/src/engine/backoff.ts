// SPDX-License-Identifier: Apache-2.0
import type { RetryPolicy } from "@talaria/contract";
import type { Random } from "../clock.ts";

/** The part of a retry policy that says how long to wait. */
export type BackoffPolicy = Pick<
  RetryPolicy,
  "initialBackoffMs" | "maxBackoffMs" | "backoffMultiplier" | "backoffJitter"
>;

/** The delay before retry `n` (1 for the first), before it is varied: `min(initial * multiplier^(n-1), max)` (gRFC A6). */
export function baseBackoffMs(policy: Omit<BackoffPolicy, "backoffJitter">, n: number): number {
  return Math.min(policy.initialBackoffMs * policy.backoffMultiplier ** (n - 1), policy.maxBackoffMs);
}

/**
 * The delay before retry `n`. It takes one draw, also where the policy does not vary the delay. It can exceed
 * `maxBackoffMs`, by the jitter at most (gRFC A6).
 */
export function backoffMs(policy: BackoffPolicy, n: number, random: Random): number {
  return jitter(baseBackoffMs(policy, n), policy.backoffJitter, random());
}

/** `base` varied evenly by up to `share` of it to either side; `draw` is from [0, 1). */
export function jitter(base: number, share: number, draw: number): number {
  return base * (1 + share * (2 * draw - 1));
}
