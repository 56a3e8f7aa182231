// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodChangeRule, without } from "./change-rule.ts";

/** Callers that do not send the header fail. */
export const clientRequiredHeaderAdded: Rule = methodChangeRule({
  name: "client-required-header-added",
  purpose: "Checks that calls need no more headers than before.",
  check({ before, after }) {
    const added = without(after.requiredHeaders, before.requiredHeaders);
    if (added.length === 0) {
      return undefined;
    }
    const message =
      `required_headers now has ${added.join(", ")}: updated callers that do not send it fail at once with INVALID_ARGUMENT. ` +
      "Let all callers send it first, and require it then.";
    return { at: ["required_headers"], message };
  },
});
