// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `empty-audience`. */
export const clientEmptyAudience: Rule = diagnosticRule({
  code: "empty-audience",
  purpose: "Checks that an audience is somebody.",
  severity: "error",
});
