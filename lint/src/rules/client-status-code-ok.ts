// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `status-code-ok`. */
export const clientStatusCodeOk: Rule = diagnosticRule({
  code: "status-code-ok",
  purpose: "Checks that no list of failures names OK.",
  severity: "error",
});
