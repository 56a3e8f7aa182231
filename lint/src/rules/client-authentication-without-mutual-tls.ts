// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `authentication-without-mutual-tls`. */
export const clientAuthenticationWithoutMutualTls: Rule = diagnosticRule({
  code: "authentication-without-mutual-tls",
  purpose: "Checks that the connection carries the certificate that authentication asks for.",
  severity: "error",
});
