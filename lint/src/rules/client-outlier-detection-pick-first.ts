// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `outlier-detection-pick-first`. */
export const clientOutlierDetectionPickFirst: Rule = diagnosticRule({
  code: "outlier-detection-pick-first",
  purpose: "Checks that outlier detection has several addresses to compare.",
  severity: "error",
});
