// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy } from "@talaria/contract";
import type { Rule } from "../bufplugin/rule.ts";
import { isIdempotent, retries } from "../rules/idempotency.ts";
import { methodChangeRule, without } from "./change-rule.ts";

/** A call that was made once is now made several times, and the method does not say that this is harmless. */
export const clientRetryWidened: Rule = methodChangeRule({
  name: "client-retry-widened",
  purpose: "Checks that methods which may not be executed twice are not tried again more than before.",
  check({ before, after }) {
    const [was, is] = [attemptsOf(before), attemptsOf(after)];
    const added = without(codesOf(after), codesOf(before));
    if (isIdempotent(after) || (is <= was && added.length === 0)) {
      return undefined;
    }
    const changes = [
      ...(is > was ? [`up to ${is} attempts instead of ${was}`] : []),
      ...(was > 1 && added.length > 0 ? [`also after ${added.join(", ")}`] : []),
    ];
    const message =
      `Calls are made again more than before (${changes.join(", ")}) on a method without idempotency_level, so the server ` +
      "may execute what it executed once. Set option idempotency_level = IDEMPOTENT or NO_SIDE_EFFECTS if that is harmless, " +
      "or leave retry as it was.";
    return { at: is > was ? ["retry.max_attempts", "retry"] : ["retry.retryable_status_codes", "retry"], message };
  },
});

function attemptsOf(policy: MethodPolicy): number {
  return policy.retry?.maxAttempts ?? 1;
}

function codesOf(policy: MethodPolicy): readonly string[] {
  return retries(policy) ? (policy.retry?.retryableStatusCodes ?? []) : [];
}
