// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { isIdempotent, retries } from "./idempotency.ts";
import { methodRule } from "./method-rule.ts";

const howToAllow = "Set option idempotency_level = IDEMPOTENT or NO_SIDE_EFFECTS if executing it twice is harmless";

/** After any failure but UNAVAILABLE the server may have executed the call. */
export const clientRetryNotIdempotent: Rule = methodRule({
  name: "client-retry-not-idempotent",
  purpose: "Checks that methods which may not be executed twice are tried again after UNAVAILABLE only.",
  severity: "error",
  check({ policy }) {
    const { retry } = policy;
    if (retry === undefined || !retries(policy) || isIdempotent(policy)) {
      return undefined;
    }
    const others = retry.retryableStatusCodes.filter((code) => code !== "UNAVAILABLE" && code !== "OK");
    if (others.length > 0) {
      const message =
        `${others.join(", ")} is tried again on a method without idempotency_level: the server may have executed the call ` +
        `before it failed, and executes it again. ${howToAllow}, or leave only UNAVAILABLE in retry.retryable_status_codes.`;
      return { at: ["retry.retryable_status_codes"], message };
    }
    if (retry.perAttemptTimeoutMs !== undefined) {
      const message =
        `An attempt is given up after ${retry.perAttemptTimeoutMs} ms (retry.per_attempt_timeout_millis) and made again on a ` +
        `method without idempotency_level: the server may still be executing the first. ${howToAllow}, or remove the timeout.`;
      return { at: ["retry.per_attempt_timeout_millis"], message };
    }
    return undefined;
  },
});
