// SPDX-License-Identifier: Apache-2.0
import type { CircuitBreaker } from "@talaria/contract";
import type { Rule } from "../bufplugin/rule.ts";
import type { MethodFinding } from "../rules/method-rule.ts";
import { methodChangeRule, without } from "./change-rule.ts";

/** A breaker that opens later protects less. */
export const clientCircuitBreakerLoosened: Rule = methodChangeRule({
  name: "client-circuit-breaker-loosened",
  purpose: "Checks that no circuit breaker needs more failures than before to open.",
  check({ before, after }) {
    const [was, is] = [before.circuitBreaker, after.circuitBreaker];
    return was?.enabled === true && is?.enabled === true ? compare(was, is) : undefined;
  },
});

function compare(was: CircuitBreaker, is: CircuitBreaker): MethodFinding | undefined {
  const changes = [
    rise("failure_rate_threshold", was.failureRateThreshold, is.failureRateThreshold),
    rise("minimum_request_threshold", was.minimumRequestThreshold, is.minimumRequestThreshold),
    rise("slow_call_duration_millis", was.slowCallDurationMs, is.slowCallDurationMs),
    rise("slow_call_rate_threshold", was.slowCallRateThreshold, is.slowCallRateThreshold),
    fewer("failure_status_codes", without(was.failureStatusCodes, is.failureStatusCodes)),
  ].filter((change) => change !== undefined);
  if (changes.length === 0) {
    return undefined;
  }
  const message =
    `The circuit breaker opens later than before: ${changes.map(({ text }) => text).join(", ")}. Callers would go on longer ` +
    "with a service that fails. Leave the numbers as they were, or show in the review why the service needs it.";
  return { at: changes.map(({ option }) => option), message };
}

interface Loosening {
  readonly option: string;
  readonly text: string;
}

function rise(name: string, was: number | undefined, is: number | undefined): Loosening | undefined {
  return was !== undefined && (is ?? Number.POSITIVE_INFINITY) > was
    ? { option: `circuit_breaker.${name}`, text: `${name} ${is ?? "unset"} instead of ${was}` }
    : undefined;
}

function fewer(name: string, gone: readonly string[]): Loosening | undefined {
  return gone.length > 0
    ? { option: `circuit_breaker.${name}`, text: `${name} without ${gone.join(", ")}` }
    : undefined;
}
