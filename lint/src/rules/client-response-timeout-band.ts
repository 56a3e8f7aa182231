// SPDX-License-Identifier: Apache-2.0
import { integerOption, type Option } from "../bufplugin/option.ts";
import type { Rule } from "../bufplugin/rule.ts";
import { methodRule } from "./method-rule.ts";

const longest = 2_147_483_647;

const minimum: Option<number> = integerOption({
  key: "timeout_minimum_millis",
  description: "The shortest response timeout that CLIENT_RESPONSE_TIMEOUT_BAND accepts, in milliseconds.",
  defaultValue: 5,
  minimum: 1,
  maximum: longest,
});

const maximum: Option<number> = integerOption({
  key: "timeout_maximum_millis",
  description: "The longest response timeout that CLIENT_RESPONSE_TIMEOUT_BAND accepts, in milliseconds.",
  defaultValue: 60_000,
  minimum: 1,
  maximum: longest,
});

/** A timeout far off what calls take guards nothing, or cuts what is well. */
export const clientResponseTimeoutBand: Rule = methodRule({
  name: "client-response-timeout-band",
  purpose:
    "Checks that response timeouts are neither so short that they cut healthy calls nor so long that they guard nothing.",
  severity: "advice",
  options: [minimum, maximum],
  check({ policy: { responseTimeoutMs } }, options) {
    const [least, most] = [options.get(minimum), options.get(maximum)];
    if (responseTimeoutMs === undefined || responseTimeoutMs < 1) {
      return undefined;
    }
    const at = ["response_timeout_millis"];
    if (responseTimeoutMs < least) {
      const message =
        `response_timeout_millis is ${responseTimeoutMs} ms, less than ${least} ms: a call that has to open a connection, or ` +
        `meets a pause of the garbage collector, fails although all is well. Write ${least} ms or more.`;
      return { at, message };
    }
    if (responseTimeoutMs > most) {
      const message =
        `response_timeout_millis is ${responseTimeoutMs} ms, more than ${most} ms: when the service is stuck, callers hold ` +
        `their own callers up that long. Write ${most} ms or less, or answer at once with the name of an operation, and let callers ask how it stands.`;
      return { at, message };
    }
    return undefined;
  },
});
