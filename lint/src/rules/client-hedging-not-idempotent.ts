// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `hedging-not-idempotent`. */
export const clientHedgingNotIdempotent: Rule = diagnosticRule({
  code: "hedging-not-idempotent",
  purpose: "Checks that only methods which may be executed twice are hedged.",
  severity: "error",
});
