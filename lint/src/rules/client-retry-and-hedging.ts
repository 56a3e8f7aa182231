// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `retry-and-hedging`. */
export const clientRetryAndHedging: Rule = diagnosticRule({
  code: "retry-and-hedging",
  purpose: "Checks that a method is not both tried again and hedged.",
  severity: "error",
});
