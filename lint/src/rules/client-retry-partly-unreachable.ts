// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `retry-partly-unreachable`. */
export const clientRetryPartlyUnreachable: Rule = diagnosticRule({
  code: "retry-partly-unreachable",
  purpose: "Checks that all attempts fit in the response timeout.",
  severity: "advice",
});
