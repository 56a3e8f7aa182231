// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy, RetryPolicy } from "./policy.ts";
import { attemptTimeoutMs, backoffMs } from "./retry-plan.ts";

/** How many requests one call of a method can send at most, when every one of them fails. */
export function mostRequests({ retry, hedging }: MethodPolicy): number {
  return hedging?.maxAttempts ?? retry?.maxAttempts ?? 1;
}

/**
 * The longest a caller can wait for the response, for a stream until its first message: the response timeout, or less
 * where the attempts end earlier by their own timeout. Undefined: for ever.
 */
export function longestWaitMs({ responseTimeoutMs, retry }: MethodPolicy): number | undefined {
  const attemptMs = attemptTimeoutMs(retry);
  const attempts = retry === undefined || attemptMs === undefined ? undefined : allAttemptsMs(retry, attemptMs);
  const bounds = [responseTimeoutMs, attempts].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? undefined : Math.round(Math.min(...bounds));
}

/** All attempts at their longest, and all delays at their longest. */
function allAttemptsMs(retry: RetryPolicy, perAttemptMs: number): number {
  let total = perAttemptMs;
  for (let n = 1; n < retry.maxAttempts; n++) {
    total += backoffMs(retry, n) * (1 + retry.backoffJitter) + perAttemptMs;
  }
  return total;
}
