// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `keepalive-too-often`. */
export const clientKeepaliveTooOften: Rule = diagnosticRule({
  code: "keepalive-too-often",
  purpose: "Checks that clients do not ping more often than the server permits.",
  severity: "error",
});
