// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `stream-option-without-stream`. */
export const clientStreamOptionWithoutStream: Rule = diagnosticRule({
  code: "stream-option-without-stream",
  purpose: "Checks that limits for streams are set on methods that respond with a stream.",
  severity: "error",
});
