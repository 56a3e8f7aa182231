// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `retry-throttling-precision`. */
export const clientRetryThrottlingPrecision: Rule = diagnosticRule({
  code: "retry-throttling-precision",
  purpose: "Checks that the token ratio of retry throttling has three decimals at most.",
  severity: "advice",
});
