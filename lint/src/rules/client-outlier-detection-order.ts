// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `outlier-detection-order`. */
export const clientOutlierDetectionOrder: Rule = diagnosticRule({
  code: "outlier-detection-order",
  purpose: "Checks that the longest ejection of an address is not below the base.",
  severity: "error",
});
