// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { findListed } from "./find-listed.ts";
import { serviceRule } from "./service-rule.ts";

/** What each code says about a second attempt. OK is the contract package's own finding. */
const reasons: ReadonlyMap<string, string> = new Map([
  ["CANCELLED", "the caller gave up and does not wait for another attempt"],
  ["INVALID_ARGUMENT", "the request is as wrong the second time"],
  ["NOT_FOUND", "what does not exist does not appear by asking again"],
  ["ALREADY_EXISTS", "what exists does not go away by asking again"],
  ["PERMISSION_DENIED", "the caller may do it as little the second time"],
  ["UNAUTHENTICATED", "the same credentials are refused again"],
  ["FAILED_PRECONDITION", "someone has to change the state first"],
  ["OUT_OF_RANGE", "the request is as far out of range the second time"],
  ["UNIMPLEMENTED", "the server does not learn the method in the meantime"],
  ["DATA_LOSS", "lost data does not come back"],
]);

/** A code that says the same to every attempt only multiplies load. */
export const clientRetryCodeNever: Rule = serviceRule({
  name: "client-retry-code-never",
  purpose: "Checks that no code is tried again that another attempt cannot repair.",
  severity: "error",
  check({ declared }) {
    return findListed(declared, ["retry.retryable_status_codes", "hedging.non_fatal_status_codes"], (code, option) => {
      const reason = reasons.get(code);
      return reason && `${option} lists ${code}: ${reason}, so further attempts only add load. Remove it.`;
    });
  },
});
