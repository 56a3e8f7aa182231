// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `server-identity-plaintext`. */
export const clientServerIdentityPlaintext: Rule = diagnosticRule({
  code: "server-identity-plaintext",
  purpose: "Checks that a server identity comes with a certificate to check.",
  severity: "error",
});
