// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { retries } from "./idempotency.ts";
import { methodRule } from "./method-rule.ts";

const codes = "retry.retryable_status_codes";

/** When the client's own deadline has passed, there is no time left for another attempt. */
export const clientRetryDeadlineExceeded: Rule = methodRule({
  name: "client-retry-deadline-exceeded",
  purpose: "Checks that DEADLINE_EXCEEDED is tried again only where each attempt has a timeout of its own.",
  severity: "error",
  check({ policy }) {
    const { retry } = policy;
    const listed = retries(policy) && retry?.retryableStatusCodes.includes("DEADLINE_EXCEEDED");
    if (!listed || retry?.perAttemptTimeoutMs !== undefined) {
      return undefined;
    }
    const message =
      `${codes} lists DEADLINE_EXCEEDED without per_attempt_timeout_millis: when the deadline of the call has passed there ` +
      "is no time left to try again, and when a server gives up on its own callees a retry doubles their load. Remove it, " +
      "or set retry.per_attempt_timeout_millis.";
    return { at: [codes], message };
  },
});
