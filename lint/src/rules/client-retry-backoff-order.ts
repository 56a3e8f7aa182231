// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `retry-backoff-order`. */
export const clientRetryBackoffOrder: Rule = diagnosticRule({
  code: "retry-backoff-order",
  purpose: "Checks that the first backoff of a retry is not above the last.",
  severity: "error",
});
