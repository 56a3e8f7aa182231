// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `stream-ends-before-response`. */
export const clientStreamEndsBeforeResponse: Rule = diagnosticRule({
  code: "stream-ends-before-response",
  purpose: "Checks that a stream lasts longer than its first message may take.",
  severity: "error",
});
