// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodRule } from "./method-rule.ts";

/** Without a breaker, callers go on sending to a service that is down. */
export const clientCircuitBreakerRequired: Rule = methodRule({
  name: "client-circuit-breaker-required",
  purpose: "Checks that every method of an annotated service decides when callers stop calling.",
  severity: "error",
  check({ isSet, annotated }) {
    if (!annotated || isSet("circuit_breaker")) {
      return undefined;
    }
    const message =
      "Nothing says when to stop calling, so every caller waits out its timeout on a service that is down, and the service " +
      "comes back under full load. Write circuit_breaker {} for the defaults, or circuit_breaker { enabled: false } for none.";
    return { at: [], message };
  },
});
