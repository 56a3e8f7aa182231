// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `circuit-breaker-slow-call`. */
export const clientCircuitBreakerSlowCall: Rule = diagnosticRule({
  code: "circuit-breaker-slow-call",
  purpose: "Checks that a share of slow calls comes with the time that makes a call slow.",
  severity: "error",
});
