// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodChangeRule } from "./change-rule.ts";

/** Callers that stopped calling a dead service go on calling it. */
export const clientCircuitBreakerRemoved: Rule = methodChangeRule({
  name: "client-circuit-breaker-removed",
  purpose: "Checks that no method loses its circuit breaker.",
  check({ before, after }) {
    if (before.circuitBreaker?.enabled !== true || after.circuitBreaker?.enabled === true) {
      return undefined;
    }
    const message =
      "The circuit breaker is gone: callers would go on sending to a service that is down, each waiting out its timeout. " +
      "Put circuit_breaker back.";
    return { at: ["circuit_breaker.enabled", "circuit_breaker"], message };
  },
});
