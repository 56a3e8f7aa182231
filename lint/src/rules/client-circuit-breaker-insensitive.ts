// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodRule } from "./method-rule.ts";

const mostAttempts = 1000;

/** A breaker that waits for many attempts never opens for a method with few calls. */
export const clientCircuitBreakerInsensitive: Rule = methodRule({
  name: "client-circuit-breaker-insensitive",
  purpose: "Checks that a circuit breaker needs no more than 1000 attempts to judge.",
  severity: "advice",
  check({ policy: { circuitBreaker } }) {
    if (circuitBreaker?.enabled !== true || circuitBreaker.minimumRequestThreshold <= mostAttempts) {
      return undefined;
    }
    const { minimumRequestThreshold: minimum, counterSlidingWindowMs: windowMs } = circuitBreaker;
    const message =
      `The circuit breaker opens only after ${minimum} attempts within ${windowMs} ms ` +
      "(circuit_breaker.minimum_request_threshold, counter_sliding_window_millis), from one client process: it stays closed " +
      `on quiet methods and small clients. Write minimum_request_threshold: ${mostAttempts} or less, or scope: SERVICE to count ` +
      "all methods together.";
    return { at: ["circuit_breaker.minimum_request_threshold"], message };
  },
});
