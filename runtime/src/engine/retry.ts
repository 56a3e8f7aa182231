// SPDX-License-Identifier: Apache-2.0
import type { IdempotencyLevel, RetryPolicy } from "@talaria/contract";
import type { Random } from "../clock.ts";
import { backoffMs } from "./backoff.ts";
import { type FailedAttempt, policyCode } from "./failure.ts";
import { type Pushback, parsePushback } from "./pushback.ts";
import type { RetryThrottle } from "./retry-throttle.ts";

/** Larger numbers count as this, as in every gRPC client (gRFC A6). */
export const mostAttempts = 5;

/** What decides for every call of a method whether it is tried again. */
export interface RetryRules {
  /** Absent, or `maxAttempts` 1: no retry. */
  readonly policy?: RetryPolicy | undefined;
  /** Whether a request that may have been executed can be sent again. */
  readonly idempotencyLevel: IdempotencyLevel;
  /** The budget of the target. Absent: none. */
  readonly throttle?: RetryThrottle | undefined;
  /** Varies the delays. */
  readonly random: Random;
}

/** How far a call has come. */
export interface RetryProgress {
  /** Attempts made, the failed one included: 1 after the first. */
  readonly attempts: number;
  /** The `backoffStep` of the last retry decision; 0 at first. */
  readonly backoffStep: number;
  /** Milliseconds to the deadline; `Infinity` when there is none. */
  readonly remainingMs: number;
}

/**
 * Why a call is not tried again.
 *
 * - `cancelled`, `deadline`, `breaker`, `local`: where the failure came from; these are never tried again.
 * - `committed`: a response message had reached the caller, or the request is too large to be kept.
 * - `no_retry`: the method has no retry.
 * - `pushback`: the server asked for it.
 * - `not_retryable`: the status code is not listed.
 * - `may_have_run`: the connection was lost, the server may have executed the request, and the method has no
 *   `idempotency_level` that would allow a second time.
 * - `attempts_exhausted`: all attempts are used.
 * - `throttled`: the budget is used up.
 * - `no_time`: the next attempt would start at the deadline or after it.
 */
export type NoRetryReason =
  | "cancelled"
  | "deadline"
  | "breaker"
  | "local"
  | "committed"
  | "no_retry"
  | "pushback"
  | "not_retryable"
  | "may_have_run"
  | "attempts_exhausted"
  | "throttled"
  | "no_time";

/** What to do after a failed attempt. */
export type RetryDecision =
  | {
      readonly kind: "retry";
      /** How long to wait before the next attempt. */
      readonly delayMs: number;
      /** How many backoff delays there were since the start or the last pushback: for {@link RetryProgress}. */
      readonly backoffStep: number;
    }
  | { readonly kind: "stop"; readonly why: NoRetryReason };

/**
 * Decides what follows a failed attempt (gRFC A6, with per-attempt timeouts, and with connection loss told apart from a
 * status of the server). Takes a token from the throttle for a retryable failure and for a pushback that says stop; takes
 * a draw from `random` only when it uses the backoff. Giving tokens back on success is the caller's part.
 */
export function decideRetry(rules: RetryRules, failure: FailedAttempt, progress: RetryProgress): RetryDecision {
  const { policy, throttle } = rules;
  const never = neverRetried(failure);
  if (never !== undefined) return stop(never);
  const pushback = parsePushback(failure.pushback);
  if (pushback.kind === "stop") {
    throttle?.onFailure();
    return stop("pushback");
  }
  if (policy === undefined || policy.maxAttempts <= 1) return stop("no_retry");
  if (!isRetryable(policy, failure)) return stop("not_retryable");
  throttle?.onFailure();
  if (failure.origin === "connection_lost" && rules.idempotencyLevel === "IDEMPOTENCY_UNKNOWN") {
    return stop("may_have_run");
  }
  if (progress.attempts >= Math.min(policy.maxAttempts, mostAttempts)) return stop("attempts_exhausted");
  if (throttle !== undefined && !throttle.allowsRetry) return stop("throttled");
  const next = nextDelay(policy, pushback, progress.backoffStep, rules.random);
  return next.delayMs < progress.remainingMs ? next : stop("no_time");
}

function neverRetried({ origin, committed }: FailedAttempt): NoRetryReason | undefined {
  if (origin === "cancelled" || origin === "deadline" || origin === "breaker" || origin === "local") return origin;
  return committed ? "committed" : undefined;
}

function isRetryable(policy: RetryPolicy, { code, origin }: FailedAttempt): boolean {
  return origin === "attempt_timeout" || policy.retryableStatusCodes.includes(policyCode(code, origin));
}

function nextDelay(
  policy: RetryPolicy,
  pushback: Pushback,
  step: number,
  random: Random,
): RetryDecision & { kind: "retry" } {
  if (pushback.kind === "delay") return { kind: "retry", delayMs: pushback.delayMs, backoffStep: 0 };
  return { kind: "retry", delayMs: backoffMs(policy, step + 1, random), backoffStep: step + 1 };
}

function stop(why: NoRetryReason): RetryDecision {
  return { kind: "stop", why };
}
