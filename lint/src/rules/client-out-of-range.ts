// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `out-of-range`. */
export const clientOutOfRange: Rule = diagnosticRule({
  code: "out-of-range",
  purpose: "Checks that every number of a contract is within its range.",
  severity: "error",
});
