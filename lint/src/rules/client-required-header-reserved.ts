// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `required-header-reserved`. */
export const clientRequiredHeaderReserved: Rule = diagnosticRule({
  code: "required-header-reserved",
  purpose: "Checks that required headers are headers that callers can set.",
  severity: "error",
});
