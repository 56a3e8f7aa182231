// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `bearer-over-plaintext`. */
export const clientBearerOverPlaintext: Rule = diagnosticRule({
  code: "bearer-over-plaintext",
  purpose: "Checks that tokens are sent over encrypted connections.",
  severity: "advice",
});
