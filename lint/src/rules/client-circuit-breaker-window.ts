// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `circuit-breaker-window`. */
export const clientCircuitBreakerWindow: Rule = diagnosticRule({
  code: "circuit-breaker-window",
  purpose: "Checks that the window of a circuit breaker is made of whole buckets, two at least.",
  severity: "error",
});
