// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { diagnosticRule } from "./diagnostic-rule.ts";

/** Passes on `wait-for-ready-without-timeout`. */
export const clientWaitForReadyWithoutTimeout: Rule = diagnosticRule({
  code: "wait-for-ready-without-timeout",
  purpose: "Checks that calls which wait for a backend have a response timeout.",
  severity: "error",
});
