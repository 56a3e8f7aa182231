// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `server-identity-malformed`. */
export const clientServerIdentityMalformed: Rule = diagnosticRule({
  code: "server-identity-malformed",
  purpose: "Checks that certificates can match the server identities of a contract.",
  severity: "error",
});
