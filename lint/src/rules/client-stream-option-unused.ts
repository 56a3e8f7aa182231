// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `stream-option-unused`. */
export const clientStreamOptionUnused: Rule = diagnosticRule({
  code: "stream-option-unused",
  purpose: "Checks that a service with limits for streams has a stream.",
  severity: "advice",
});
