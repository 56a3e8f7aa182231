// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `retry-attempt-timeout-unreachable`. */
export const clientRetryAttemptTimeoutUnreachable: Rule = diagnosticRule({
  code: "retry-attempt-timeout-unreachable",
  purpose: "Checks that the timeout of an attempt is shorter than that of the call.",
  severity: "error",
});
