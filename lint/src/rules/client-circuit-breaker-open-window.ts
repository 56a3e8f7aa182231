// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `circuit-breaker-open-window`. */
export const clientCircuitBreakerOpenWindow: Rule = diagnosticRule({
  code: "circuit-breaker-open-window",
  purpose: "Checks that the longest open window of a circuit breaker is not below the first.",
  severity: "error",
});
