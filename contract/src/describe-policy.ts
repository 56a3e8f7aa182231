// SPDX-License-Identifier: Apache-2.0
import { respondsWithStream } from "./method-kind.ts";
import type { CircuitBreaker, HedgingPolicy, MethodPolicy, RetryPolicy, ServiceContract } from "./policy.ts";

/** Says in short sentences, with units, what a method demands of its callers: for doc comments and terminals. */
export function describePolicy(policy: MethodPolicy, contract: ServiceContract): string[] {
  return [
    describeDeadline(policy),
    ...(policy.streamIdleTimeoutMs === undefined
      ? []
      : [`Stream: ends when no message comes for ${time(policy.streamIdleTimeoutMs)}.`]),
    ...(policy.streamMaxDurationMs === undefined
      ? []
      : [`Stream: ends after ${time(policy.streamMaxDurationMs)} at the latest.`]),
    ...describeRetry(policy.retry),
    ...describeHedging(policy.hedging),
    ...describeBreaker(policy.circuitBreaker, contract),
    ...(policy.waitForReady ? ["Waits for a backend instead of failing while none can be reached."] : []),
    ...(policy.maxConcurrentRequests === undefined
      ? []
      : [`Concurrency: ${policy.maxConcurrentRequests} calls at once; one more fails with RESOURCE_EXHAUSTED.`]),
    ...describeAuthentication(policy),
    ...(policy.requiredHeaders.length === 0 ? [] : [`Required headers: ${policy.requiredHeaders.join(", ")}.`]),
  ];
}

function describeDeadline(policy: MethodPolicy): string {
  const { kind, responseTimeoutMs } = policy;
  const streams = respondsWithStream(kind);
  if (responseTimeoutMs === undefined) {
    return streams ? "Deadline: none for the first message." : "Deadline: none.";
  }
  const retries = (policy.retry?.maxAttempts ?? 1) > 1 || policy.hedging !== undefined;
  const what = streams ? " to the first message" : "";
  return `Deadline: ${time(responseTimeoutMs)}${what}${retries ? " over all attempts" : ""}.`;
}

function describeRetry(retry: RetryPolicy | undefined): string[] {
  if (retry === undefined || retry.maxAttempts < 2) {
    return [];
  }
  const { initialBackoffMs, maxBackoffMs, backoffMultiplier, backoffJitter, perAttemptTimeoutMs } = retry;
  const growth =
    initialBackoffMs === maxBackoffMs
      ? `${time(initialBackoffMs)} apart (±${percent(backoffJitter)})`
      : `${time(initialBackoffMs)} to ${time(maxBackoffMs)} apart (x${backoffMultiplier}, ±${percent(backoffJitter)})`;
  const each = perAttemptTimeoutMs === undefined ? "" : `, each cut after ${time(perAttemptTimeoutMs)}`;
  return [`Retry: up to ${retry.maxAttempts} attempts on ${retry.retryableStatusCodes.join(", ")}, ${growth}${each}.`];
}

function describeHedging(hedging: HedgingPolicy | undefined): string[] {
  if (hedging === undefined) {
    return [];
  }
  const { maxAttempts, hedgingDelayMs, nonFatalStatusCodes } = hedging;
  const atOnce = nonFatalStatusCodes.length === 0 ? "" : `, at once after ${nonFatalStatusCodes.join(", ")}`;
  return [`Hedging: up to ${maxAttempts} copies, a further one every ${time(hedgingDelayMs)}${atOnce}.`];
}

function describeBreaker(breaker: CircuitBreaker | undefined, contract: ServiceContract): string[] {
  if (breaker === undefined || !breaker.enabled) {
    return [];
  }
  const shared = breaker.scope === "SERVICE" ? ` (shared by all methods of ${contract.service})` : "";
  return [`Circuit breaker${shared}: ${breakerRule(breaker)}.`];
}

/** When a breaker opens and for how long, as a part of a sentence. */
export function breakerRule(breaker: CircuitBreaker): string {
  const { slowCallDurationMs, maxCircuitOpenWindowMs } = breaker;
  const slow =
    slowCallDurationMs === undefined
      ? ""
      : `, or ${percent(breaker.slowCallRateThreshold)} taking over ${time(slowCallDurationMs)}`;
  const growth = maxCircuitOpenWindowMs === undefined ? "" : `, up to ${time(maxCircuitOpenWindowMs)}`;
  return (
    `opens at ${percent(breaker.failureRateThreshold)} of at least ${breaker.minimumRequestThreshold} attempts ` +
    `failing${slow} in ${time(breaker.counterSlidingWindowMs)}; tries again after ${time(breaker.circuitOpenWindowMs)}${growth}`
  );
}

function describeAuthentication({ authentication }: MethodPolicy): string[] {
  if (authentication === undefined || authentication.scheme === "NONE") {
    return [];
  }
  const audience = authentication.audience === undefined ? "" : ` for ${authentication.audience}`;
  return [
    authentication.scheme === "BEARER" ? `Authentication: bearer token${audience}.` : "Authentication: mutual TLS.",
  ];
}

/** Milliseconds below ten seconds and where they are not whole seconds, seconds elsewhere. */
function time(millis: number): string {
  return millis >= 10_000 && millis % 1000 === 0 ? `${millis / 1000} s` : `${millis} ms`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
