// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `circuit-breaker-slow-call-unreachable`. */
export const clientCircuitBreakerSlowCallUnreachable: Rule = diagnosticRule({
  code: "circuit-breaker-slow-call-unreachable",
  purpose: "Checks that a call can be slow before its time is up.",
  severity: "advice",
});
