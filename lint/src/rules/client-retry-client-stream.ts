// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { retries } from "./idempotency.ts";
import { methodRule } from "./method-rule.ts";

/** A request stream can be sent again only as long as all of it is kept. */
export const clientRetryClientStream: Rule = methodRule({
  name: "client-retry-client-stream",
  purpose: "Checks that methods with a streamed request are not tried again.",
  severity: "advice",
  check({ policy }) {
    if (!retries(policy) || (policy.kind !== "client_streaming" && policy.kind !== "bidi_streaming")) {
      return undefined;
    }
    const message =
      "Retry is on where the request is a stream: another attempt needs all messages sent so far, they are kept up to 1 MiB, " +
      "and beyond that, or after the first response message, nothing is tried again. Write retry { max_attempts: 1 } on the " +
      "method, and let the caller open a new stream.";
    return { at: ["retry.max_attempts", "retry"], message };
  },
});
