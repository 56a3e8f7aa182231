// SPDX-License-Identifier: Apache-2.0
import type { Authentication } from "@talaria/contract";
import type { Rule } from "../bufplugin/rule.ts";
import { methodChangeRule } from "./change-rule.ts";

/** Callers that prove nothing, or something else, are refused. */
export const clientAuthenticationAdded: Rule = methodChangeRule({
  name: "client-authentication-added",
  purpose: "Checks that callers need not prove more than before.",
  check({ before, after }) {
    const [was, is] = [describe(before.authentication), describe(after.authentication)];
    if (is === "NONE" || is === was) {
      return undefined;
    }
    const message =
      `authentication goes from ${was} to ${is}: callers that were built before have no such proof, and are refused. Let the ` +
      "server accept calls without it until all callers are updated, and change the contract in a new version of the package.";
    return { at: ["authentication.scheme", "authentication.audience", "authentication"], message };
  },
});

function describe(authentication: Authentication | undefined): string {
  const { scheme = "NONE", audience } = authentication ?? {};
  return audience === undefined || scheme === "NONE" ? scheme : `${scheme} for ${audience}`;
}
