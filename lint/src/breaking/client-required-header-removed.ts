// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodChangeRule, without } from "./change-rule.ts";

/** Nothing makes sure any more that the server gets what it relies on. */
export const clientRequiredHeaderRemoved: Rule = methodChangeRule({
  name: "client-required-header-removed",
  purpose: "Checks that calls do not stop carrying a header the service needs.",
  check({ before, after }) {
    const gone = without(before.requiredHeaders, after.requiredHeaders);
    if (gone.length === 0) {
      return undefined;
    }
    const message =
      `required_headers no longer has ${gone.join(", ")}: callers may leave it out, and a server that still reads it acts ` +
      "without it, for the wrong tenant or for none. Put it back until no server reads it.";
    return { at: ["required_headers"], message };
  },
});
