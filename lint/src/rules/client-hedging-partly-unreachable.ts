// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `hedging-partly-unreachable`. */
export const clientHedgingPartlyUnreachable: Rule = diagnosticRule({
  code: "hedging-partly-unreachable",
  purpose: "Checks that all copies of a hedged call fit in the response timeout.",
  severity: "advice",
});
