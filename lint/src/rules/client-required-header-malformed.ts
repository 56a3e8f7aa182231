// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `required-header-malformed`. */
export const clientRequiredHeaderMalformed: Rule = diagnosticRule({
  code: "required-header-malformed",
  purpose: "Checks that required headers are possible names of gRPC metadata.",
  severity: "error",
});
