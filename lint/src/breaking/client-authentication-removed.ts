// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodChangeRule } from "./change-rule.ts";

/** Whoever reaches the server may call it. */
export const clientAuthenticationRemoved: Rule = methodChangeRule({
  name: "client-authentication-removed",
  purpose: "Checks that callers do not stop proving who they are.",
  check({ before, after }) {
    const was = before.authentication?.scheme ?? "NONE";
    if (was === "NONE" || (after.authentication?.scheme ?? "NONE") !== "NONE") {
      return undefined;
    }
    const message =
      `authentication goes from ${was} to NONE: updated callers send no proof any more, so the server has to let everybody in, ` +
      `or refuse them. Write scheme: ${was}.`;
    return { at: ["authentication.scheme", "authentication"], message };
  },
});
