// SPDX-License-Identifier: Apache-2.0
import { mostAttempts } from "../limits.ts";
import type { RetryPolicy } from "../policy.ts";
import { attemptStarts, leastFirstDelayMs } from "../retry-plan.ts";
import { error, type Finding, type PolicyScope, type ServiceScope, warning } from "./finding.ts";

/** Checks that the retries of a method can take place. */
export function checkRetry({ policy }: PolicyScope): readonly Finding[] {
  const { retry, hedging, responseTimeoutMs } = policy;
  if (retry === undefined) {
    return [];
  }
  if (retry.initialBackoffMs > retry.maxBackoffMs) {
    return [backoffOrder(retry)];
  }
  if (retry.maxAttempts < 2) {
    return [];
  }
  const clash = hedging === undefined ? [] : [retryAndHedging];
  const comparable = retry.maxAttempts <= mostAttempts && responseTimeoutMs !== undefined && responseTimeoutMs >= 1;
  return comparable ? [...clash, ...checkFit(retry, responseTimeoutMs)] : clash;
}

const backoffOptions = [
  "retry.initial_backoff_millis",
  "retry.max_backoff_millis",
  "retry.backoff_multiplier",
  "retry.backoff_jitter",
];

function backoffOrder({ initialBackoffMs, maxBackoffMs }: RetryPolicy): Finding {
  return error(
    "retry-backoff-order",
    ["retry.initial_backoff_millis", "retry.max_backoff_millis"],
    `retry.initial_backoff_millis (${initialBackoffMs} ms) is above retry.max_backoff_millis (${maxBackoffMs} ms), so the ` +
      "first delay would not be what it says. Lower the first or raise the second.",
  );
}

const retryAndHedging = error(
  "retry-and-hedging",
  ["hedging", "retry"],
  "Retry and hedging are both on. They are two answers to the same failure, and gRPC clients refuse the pair (gRFC A6). " +
    "Remove hedging, or switch retry off here: retry { max_attempts: 1 }.",
);

function checkFit(retry: RetryPolicy, timeoutMs: number): readonly Finding[] {
  const { perAttemptTimeoutMs } = retry;
  const least = leastFirstDelayMs(retry);
  if (least >= timeoutMs) {
    return [neverStarts(retry, least, timeoutMs)];
  }
  if (perAttemptTimeoutMs !== undefined && perAttemptTimeoutMs >= timeoutMs) {
    return [uselessAttemptTimeout(perAttemptTimeoutMs, timeoutMs)];
  }
  const starts = attemptStarts(retry);
  const fitting = starts.filter((startMs) => startMs < timeoutMs).length;
  return fitting < starts.length ? [someNeverStart(retry, starts, fitting, timeoutMs)] : [];
}

function neverStarts(retry: RetryPolicy, least: number, timeoutMs: number): Finding {
  return error(
    "retry-unreachable",
    [...backoffOptions, "response_timeout_millis", "retry"],
    `No retry can ever start: the first waits at least ${round(least)} ms (retry.initial_backoff_millis ` +
      `${retry.initialBackoffMs} ms less ${round(retry.backoffJitter * 100)} % jitter), and the call ends after ` +
      `${timeoutMs} ms (response_timeout_millis). Lower the backoff, raise the timeout, or switch retry off: ` +
      "retry { max_attempts: 1 }.",
  );
}

function uselessAttemptTimeout(perAttemptMs: number, timeoutMs: number): Finding {
  return error(
    "retry-attempt-timeout-unreachable",
    ["retry.per_attempt_timeout_millis", "response_timeout_millis"],
    `retry.per_attempt_timeout_millis (${perAttemptMs} ms) never ends an attempt, because the whole call ends after ` +
      `${timeoutMs} ms (response_timeout_millis). Write less than ${timeoutMs} ms, so that another attempt has time, or ` +
      "remove it.",
  );
}

function someNeverStart(retry: RetryPolicy, starts: readonly number[], fitting: number, timeoutMs: number): Finding {
  const slow = retry.perAttemptTimeoutMs === undefined ? "" : " when each takes as long as it may";
  return warning(
    "retry-partly-unreachable",
    ["retry.max_attempts", "retry.per_attempt_timeout_millis", ...backoffOptions, "response_timeout_millis", "retry"],
    `Only ${fitting} of ${retry.maxAttempts} attempts fit in ${timeoutMs} ms (response_timeout_millis): attempt ` +
      `${fitting + 1} would start after ${round(starts[fitting] ?? 0)} ms${slow}. Write retry.max_attempts: ${fitting}, ` +
      "shorten the backoff, or raise the timeout.",
  );
}

/** Checks that a retry budget has something to limit. */
export function checkRetryThrottling({ contract }: ServiceScope): readonly Finding[] {
  const { methods, retryThrottling } = contract;
  const used = methods.some(({ retry, hedging }) => (retry?.maxAttempts ?? 1) > 1 || hedging !== undefined);
  if (retryThrottling === undefined || used || methods.length === 0) {
    return [];
  }
  return [
    warning(
      "retry-throttling-unused",
      ["retry_throttling"],
      "retry_throttling has no effect: no method of this service retries or hedges. Remove it, or add retry.",
    ),
  ];
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
