// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `stream-idle-unreachable`. */
export const clientStreamIdleUnreachable: Rule = diagnosticRule({
  code: "stream-idle-unreachable",
  purpose: "Checks that a gap between messages can be noticed before the stream ends.",
  severity: "advice",
});
