// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodRule } from "./method-rule.ts";

const numbers = ["circuit_breaker.minimum_request_threshold", "circuit_breaker.failure_rate_threshold"];

/** A breaker that one failure opens turns every hiccup into an outage. */
export const clientCircuitBreakerHairTrigger: Rule = methodRule({
  name: "client-circuit-breaker-hair-trigger",
  purpose: "Checks that a single failure cannot open a circuit breaker.",
  severity: "error",
  check({ policy: { circuitBreaker } }) {
    if (circuitBreaker?.enabled !== true) {
      return undefined;
    }
    const { minimumRequestThreshold: minimum, failureRateThreshold: rate } = circuitBreaker;
    if (minimum < 1 || rate <= 0 || 1 / minimum < rate) {
      return undefined;
    }
    const message =
      `One failed attempt opens the circuit breaker: 1 of ${minimum} (circuit_breaker.minimum_request_threshold) is ` +
      `${round(100 / minimum)} %, and ${round(rate * 100)} % (failure_rate_threshold) are enough. Every hiccup would become ` +
      `an outage. Write minimum_request_threshold: ${Math.max(10, Math.ceil(2 / rate))}.`;
    return { at: numbers, message };
  },
});

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
