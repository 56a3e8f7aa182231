// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `name-resolution-ttl-order`. */
export const clientNameResolutionTtlOrder: Rule = diagnosticRule({
  code: "name-resolution-ttl-order",
  purpose: "Checks that the shortest time to live of an address is not above the longest.",
  severity: "error",
});
