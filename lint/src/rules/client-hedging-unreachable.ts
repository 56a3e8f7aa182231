// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `hedging-unreachable`. */
export const clientHedgingUnreachable: Rule = diagnosticRule({
  code: "hedging-unreachable",
  purpose: "Checks that a second copy can be sent before the call ends.",
  severity: "error",
});
