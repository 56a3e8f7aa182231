// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `hedging-delay-missing`. */
export const clientHedgingDelayMissing: Rule = diagnosticRule({
  code: "hedging-delay-missing",
  purpose: "Checks that hedging says when to send the next copy.",
  severity: "error",
});
