// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `retry-unreachable`. */
export const clientRetryUnreachable: Rule = diagnosticRule({
  code: "retry-unreachable",
  purpose: "Checks that at least one retry can start before the call ends.",
  severity: "error",
});
