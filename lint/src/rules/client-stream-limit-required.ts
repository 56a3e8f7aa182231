// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodRule } from "./method-rule.ts";

/** A response timeout ends at the first message of a stream; what follows needs a limit of its own. */
export const clientStreamLimitRequired: Rule = methodRule({
  name: "client-stream-limit-required",
  purpose: "Checks that every streamed response of an annotated service has a limit for its gaps or for its whole.",
  severity: "error",
  check({ policy, annotated }) {
    const { kind, streamIdleTimeoutMs, streamMaxDurationMs } = policy;
    const streams = kind === "server_streaming" || kind === "bidi_streaming";
    if (!annotated || !streams || streamIdleTimeoutMs !== undefined || streamMaxDurationMs !== undefined) {
      return undefined;
    }
    const message =
      "Nothing limits the stream after its first message: a server that falls silent without closing it is never noticed. " +
      "Set stream_idle_timeout_millis to the longest gap between two messages, or stream_max_duration_millis to the longest " +
      "a stream may last, in milliseconds: stream_idle_timeout_millis: 30000, for example.";
    return { at: ["response_timeout_millis"], message };
  },
});
