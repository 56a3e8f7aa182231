// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { findListed } from "./find-listed.ts";
import { serviceRule } from "./service-rule.ts";

const reasons: ReadonlyMap<string, string> = new Map([
  ["RESOURCE_EXHAUSTED", "the server says it has too much to do, and a retry gives it more"],
  ["INTERNAL", "a bug answers the same again, and hides behind the attempts"],
  ["UNKNOWN", "nobody knows what happened, so nobody knows that another attempt helps"],
  ["ABORTED", "the whole transaction has to be made again, not its last call"],
]);

/** Codes that a second attempt sometimes repairs, at a price. */
export const clientRetryCodeDiscouraged: Rule = serviceRule({
  name: "client-retry-code-discouraged",
  purpose: "Checks that no code is tried again for which another attempt seldom helps.",
  severity: "advice",
  check({ declared }) {
    return findListed(declared, ["retry.retryable_status_codes", "hedging.non_fatal_status_codes"], (code, option) => {
      const reason = reasons.get(code);
      return (
        reason && `${option} lists ${code}: ${reason} (AIP-194). Remove it, and answer UNAVAILABLE where a retry helps.`
      );
    });
  },
});
