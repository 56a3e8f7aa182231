// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { serviceRule } from "./service-rule.ts";

const codes: readonly string[] = ["malformed-option", "unknown-option"];

/** What cannot be read would be ignored, and nobody would know. */
export const clientConfigUnreadable: Rule = serviceRule({
  name: "client-config-unreadable",
  purpose: "Checks that this version of the plugin understands every option of an annotation.",
  severity: "error",
  check({ diagnostics }) {
    return diagnostics
      .filter(({ code }) => codes.includes(code))
      .map(({ message, location }) => ({ at: location, message }));
  },
});
