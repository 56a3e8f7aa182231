// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `name-resolution-backoff-order`. */
export const clientNameResolutionBackoffOrder: Rule = diagnosticRule({
  code: "name-resolution-backoff-order",
  purpose: "Checks that the first wait after a failed name resolution is not above the last.",
  severity: "error",
});
