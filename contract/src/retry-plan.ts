// SPDX-License-Identifier: Apache-2.0
import type { RetryPolicy } from "./policy.ts";

/** The delay before retry n, counted from 1, without jitter (gRFC A6). */
export function backoffMs(retry: RetryPolicy, n: number): number {
  return Math.min(retry.initialBackoffMs * retry.backoffMultiplier ** (n - 1), retry.maxBackoffMs);
}

/**
 * How long one attempt may take by its own timeout. Undefined: as long as the call. That is so too where retry is off
 * (`max_attempts: 1`): the one attempt is the call.
 */
export function attemptTimeoutMs(retry: RetryPolicy | undefined): number | undefined {
  return retry === undefined || retry.maxAttempts < 2 ? undefined : retry.perAttemptTimeoutMs;
}

/** The shortest that jitter can make the delay before the first retry. */
export function leastFirstDelayMs(retry: RetryPolicy): number {
  return (1 - retry.backoffJitter) * backoffMs(retry, 1);
}

/**
 * When each attempt starts, counted from the start of the call: delays without jitter, and each attempt as long as its
 * timeout lets it, or failing at once when it has none.
 */
export function attemptStarts(retry: RetryPolicy): readonly number[] {
  const starts = [0];
  for (let n = 1; n < retry.maxAttempts; n++) {
    starts.push((starts[n - 1] ?? 0) + (retry.perAttemptTimeoutMs ?? 0) + backoffMs(retry, n));
  }
  return starts;
}
