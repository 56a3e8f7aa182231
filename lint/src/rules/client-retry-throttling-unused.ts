// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `retry-throttling-unused`. */
export const clientRetryThrottlingUnused: Rule = diagnosticRule({
  code: "retry-throttling-unused",
  purpose: "Checks that retry throttling has retries to limit.",
  severity: "advice",
});
