// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `circuit-breaker-shared-settings`. */
export const clientCircuitBreakerSharedSettings: Rule = diagnosticRule({
  code: "circuit-breaker-shared-settings",
  purpose: "Checks that methods which share a circuit breaker agree on its settings.",
  severity: "error",
});
