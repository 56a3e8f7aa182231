// SPDX-License-Identifier: Apache-2.0
import { numberOption, type Option } from "../bufplugin/option.ts";
import type { Rule } from "../bufplugin/rule.ts";
import { methodChangeRule } from "./change-rule.ts";

const leastShare: Option<number> = numberOption({
  key: "timeout_share_minimum",
  description: "CLIENT_RESPONSE_TIMEOUT_SHORTENED accepts a response timeout down to this share of its former value.",
  defaultValue: 0.5,
  minimum: 0.01,
  maximum: 1,
});

/** Calls that were well yesterday fail after the callers' next update. */
export const clientResponseTimeoutShortened: Rule = methodChangeRule({
  name: "client-response-timeout-shortened",
  purpose: "Checks that a response timeout is not cut to less than a share of what it was.",
  options: [leastShare],
  check({ before, after }, options) {
    const [was, is] = [before.responseTimeoutMs ?? 0, after.responseTimeoutMs ?? 0];
    const share = options.get(leastShare);
    if (was < 1 || is < 1 || is >= was * share) {
      return undefined;
    }
    const message =
      `response_timeout_millis goes from ${was} ms to ${is} ms, below ${share * 100} % of what it was (timeout_share_minimum): ` +
      `calls that succeed today would fail with DEADLINE_EXCEEDED. Write ${Math.ceil(was * share)} ms or more, and go on from there ` +
      "once calls are known to be faster.";
    return { at: ["response_timeout_millis"], message };
  },
});
