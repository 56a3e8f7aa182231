// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `circuit-breaker-buckets`. */
export const clientCircuitBreakerBuckets: Rule = diagnosticRule({
  code: "circuit-breaker-buckets",
  purpose: "Checks that a circuit breaker keeps 1000 buckets at most.",
  severity: "advice",
});
