// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `audience-unused`. */
export const clientAudienceUnused: Rule = diagnosticRule({
  code: "audience-unused",
  purpose: "Checks that an audience comes with a token.",
  severity: "advice",
});
