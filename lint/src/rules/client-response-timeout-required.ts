// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodRule } from "./method-rule.ts";

/** A call without a deadline waits for ever on a server that is stuck. */
export const clientResponseTimeoutRequired: Rule = methodRule({
  name: "client-response-timeout-required",
  purpose: "Checks that every method of an annotated service has a response timeout.",
  severity: "error",
  check({ policy: { kind }, isSet, annotated }) {
    if (!annotated || isSet("response_timeout_millis")) {
      return undefined;
    }
    const streams = kind === "server_streaming" || kind === "bidi_streaming";
    const choice = streams
      ? "the longest until the first message, or 0 for no limit"
      : "the longest a whole call may take";
    const message =
      "There is no response timeout, so a caller waits for ever on a server that is stuck, and holds its own callers up. " +
      `Set response_timeout_millis to ${choice}, in milliseconds: response_timeout_millis: 800, for example.`;
    return { at: [], message };
  },
});
