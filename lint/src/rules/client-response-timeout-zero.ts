// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `response-timeout-zero`. */
export const clientResponseTimeoutZero: Rule = diagnosticRule({
  code: "response-timeout-zero",
  purpose: "Checks that only methods with a streamed response do without a response timeout.",
  severity: "error",
});
