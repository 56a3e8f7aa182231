// SPDX-License-Identifier: Apache-2.0
import type { Rule } from "../bufplugin/rule.ts";
import { methodRule } from "./method-rule.ts";

const mostWithoutThrottling = 3;

/** Retries multiply the load of a service just when it cannot carry it. */
export const clientRetryAmplification: Rule = methodRule({
  name: "client-retry-amplification",
  purpose: "Checks that more than 3 attempts come with retry throttling.",
  severity: "advice",
  check({ policy: { retry, hedging }, contract }) {
    const attempts = Math.max(retry?.maxAttempts ?? 1, hedging?.maxAttempts ?? 1);
    if (contract.retryThrottling !== undefined || attempts <= mostWithoutThrottling) {
      return undefined;
    }
    const message =
      `Up to ${attempts} attempts a call, and no retry_throttling: when the service is down, its callers send it up to ` +
      `${attempts} times the load. Add retry_throttling {} to the service, or allow ${mostWithoutThrottling} attempts at most.`;
    return { at: ["retry.max_attempts", "hedging.max_attempts"], message };
  },
});
