// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `duplicate-value`. */
export const clientDuplicateValue: Rule = diagnosticRule({
  code: "duplicate-value",
  purpose: "Checks that no list names a value twice.",
  severity: "advice",
});
