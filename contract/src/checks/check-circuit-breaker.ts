// SPDX-License-Identifier: Apache-2.0
import { respondsWithStream } from "../method-kind.ts";
import { methodOptions } from "../option-schema.ts";
import type { CircuitBreaker, MethodPolicy } from "../policy.ts";
import { attemptTimeoutMs } from "../retry-plan.ts";
import { error, type Finding, type PolicyScope, warning } from "./finding.ts";

/** More buckets than this cost memory and make no window more precise. */
const manyBuckets = 1000;

const breakerGroup = methodOptions.fields.find(({ name }) => name === "circuit_breaker");
const breakerOptions = breakerGroup?.kind === "group" ? breakerGroup.message.fields : [];

/** Checks that the numbers of a breaker go together. */
export function checkCircuitBreaker({ policy, isSet }: PolicyScope): readonly Finding[] {
  const breaker = policy.circuitBreaker;
  if (breaker === undefined || !breaker.enabled) {
    return [];
  }
  const findings = [...checkWindow(breaker), ...checkOpenWindow(breaker)];
  if (breaker.slowCallDurationMs !== undefined) {
    return [...findings, ...checkSlowCalls(breaker.slowCallDurationMs, policy)];
  }
  return isSet("circuit_breaker.slow_call_rate_threshold") ? [...findings, slowRateAlone] : findings;
}

function checkWindow(breaker: CircuitBreaker): readonly Finding[] {
  const { counterSlidingWindowMs: windowMs, counterUpdateIntervalMs: intervalMs } = breaker;
  const options = ["circuit_breaker.counter_sliding_window_millis", "circuit_breaker.counter_update_interval_millis"];
  const numbers =
    `circuit_breaker.counter_sliding_window_millis (${windowMs} ms) is not ` +
    `%s circuit_breaker.counter_update_interval_millis (${intervalMs} ms)`;
  if (windowMs <= intervalMs) {
    const message = `${numbers.replace("%s", "above")}: a window needs two buckets at least. Raise the first or lower the second.`;
    return [error("circuit-breaker-window", options, message)];
  }
  if (windowMs % intervalMs !== 0) {
    const instead = Math.ceil(windowMs / intervalMs) * intervalMs;
    const message = `${numbers.replace("%s", "a multiple of")}: the window is made of whole buckets. Write ${instead} ms.`;
    return [error("circuit-breaker-window", options, message)];
  }
  const buckets = windowMs / intervalMs;
  if (buckets > manyBuckets) {
    const message =
      `The window of the circuit breaker has ${buckets} buckets of ${intervalMs} ms. Each breaker keeps them all in memory. ` +
      `Raise circuit_breaker.counter_update_interval_millis to ${Math.ceil(windowMs / manyBuckets)} ms or more.`;
    return [warning("circuit-breaker-buckets", options, message)];
  }
  return [];
}

function checkOpenWindow(breaker: CircuitBreaker): readonly Finding[] {
  const { circuitOpenWindowMs, maxCircuitOpenWindowMs } = breaker;
  if (maxCircuitOpenWindowMs === undefined || maxCircuitOpenWindowMs >= circuitOpenWindowMs) {
    return [];
  }
  return [
    error(
      "circuit-breaker-open-window",
      ["circuit_breaker.max_circuit_open_window_millis", "circuit_breaker.circuit_open_window_millis"],
      `circuit_breaker.max_circuit_open_window_millis (${maxCircuitOpenWindowMs} ms) is below ` +
        `circuit_breaker.circuit_open_window_millis (${circuitOpenWindowMs} ms), where it starts. ` +
        `Write ${circuitOpenWindowMs} ms or more, or remove it.`,
    ),
  ];
}

const slowRateAlone = error(
  "circuit-breaker-slow-call",
  ["circuit_breaker.slow_call_rate_threshold"],
  "circuit_breaker.slow_call_rate_threshold is set without slow_call_duration_millis, so no attempt counts as slow. Set the " +
    "duration in milliseconds, or remove the threshold.",
);

function checkSlowCalls(slowMs: number, { retry, responseTimeoutMs, kind }: MethodPolicy): readonly Finding[] {
  const attemptMs = Math.min(
    attemptTimeoutMs(retry) ?? Number.POSITIVE_INFINITY,
    responseTimeoutMs ?? Number.POSITIVE_INFINITY,
  );
  if (slowMs < attemptMs || attemptMs < 1 || respondsWithStream(kind)) {
    return [];
  }
  return [
    warning(
      "circuit-breaker-slow-call-unreachable",
      ["circuit_breaker.slow_call_duration_millis", "retry.per_attempt_timeout_millis", "response_timeout_millis"],
      `No attempt is ever slower than circuit_breaker.slow_call_duration_millis (${slowMs} ms), because every attempt ends ` +
        `after ${attemptMs} ms. Lower it below that, or remove it.`,
    ),
  ];
}

/** Checks that a method that shares the breaker of its service wants the same of it as the others. */
export function checkSharedBreaker({ policy, contract }: PolicyScope): readonly Finding[] {
  if (!sharesBreaker(policy)) {
    return [];
  }
  const first = contract.methods.find(sharesBreaker) ?? policy;
  const [mine, theirs] = [policy.circuitBreaker, first.circuitBreaker];
  if (first === policy || mine === undefined || theirs === undefined) {
    return [];
  }
  const differences = breakerOptions
    .map(({ name, key }) => ({ name, mine: sayOption(mine, key), theirs: sayOption(theirs, key) }))
    .filter((option) => option.mine !== option.theirs)
    .map((option) => `${option.name} ${option.mine} instead of ${option.theirs}`);
  if (differences.length === 0) {
    return [];
  }
  return [
    error(
      "circuit-breaker-shared-settings",
      ["circuit_breaker"],
      `With scope SERVICE there is one breaker for all methods, but methods disagree about it: ${differences.join(", ")} ` +
        `(compared with ${first.name}). Set circuit_breaker on the service only, or scope: METHOD where it differs.`,
    ),
  ];
}

function sayOption(breaker: object, key: string): string {
  const properties = breaker as Readonly<Record<string, unknown>>;
  return String(properties[key] ?? "unset");
}

function sharesBreaker({ circuitBreaker }: MethodPolicy): boolean {
  return circuitBreaker?.enabled === true && circuitBreaker.scope === "SERVICE";
}
