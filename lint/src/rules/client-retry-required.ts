// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodRule } from "./method-rule.ts";

/** Whoever does not decide about retries leaves them to every caller, and retries of several layers multiply. */
export const clientRetryRequired: Rule = methodRule({
  name: "client-retry-required",
  purpose: "Checks that every method of an annotated service decides whether failures are tried again.",
  severity: "error",
  check({ isSet, annotated }) {
    if (!annotated || isSet("retry") || isSet("hedging")) {
      return undefined;
    }
    const message =
      "Nothing says whether a failed call is tried again, so callers will wrap retries of their own around it, and retries of " +
      "several layers multiply. Write retry { max_attempts: 3 }, or retry { max_attempts: 1 } for none.";
    return { at: [], message };
  },
});
