// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodRule } from "./method-rule.ts";

/** Codes that no breaker counts, whatever it lists. */
const ignored: readonly string[] = ["OK", "CANCELLED"];

/** A breaker that counts no failure is a breaker in name only. */
export const clientCircuitBreakerNeverTrips: Rule = methodRule({
  name: "client-circuit-breaker-never-trips",
  purpose: "Checks that a circuit breaker counts some failure.",
  severity: "error",
  check({ policy: { circuitBreaker } }) {
    if (circuitBreaker?.enabled !== true || circuitBreaker.slowCallDurationMs !== undefined) {
      return undefined;
    }
    const codes = circuitBreaker.failureStatusCodes;
    if (codes.some((code) => !ignored.includes(code))) {
      return undefined;
    }
    const message =
      `circuit_breaker.failure_status_codes lists only ${codes.join(", ")}, which a breaker never counts as a failure, so ` +
      "it never opens. List codes such as UNAVAILABLE and DEADLINE_EXCEEDED, or leave the option out.";
    return { at: ["circuit_breaker.failure_status_codes"], message };
  },
});
