// SPDX-License-Identifier: Apache-2.0
import type { RetryThrottling } from "@talaria/contract";
import { RetryThrottle } from "../../../runtime/src/engine/retry-throttle.ts";
import { type Fields, VectorError } from "../fields.ts";
import type { RunVector } from "../kind.ts";
import { readRetryThrottling } from "../read-policy.ts";

/** The token bucket alone. */
export const runThrottleTokens: RunVector = (vector, judge) => {
  const policy = readRetryThrottling(vector.object("config"));
  const throttle = new RetryThrottle(policy);
  for (const step of vector.objects("steps")) {
    apply(step, throttle, policy);
    if (!step.has("expect")) continue;
    judge.compare(step.object("expect"), { tokens: throttle.tokens, retry_allowed: throttle.allowsRetry });
  }
};

function apply(step: Fields, throttle: RetryThrottle, policy: RetryThrottling): void {
  const op = step.string("op");
  const times = step.optionalNumber("n") ?? 1;
  for (let i = 0; i < times; i++) {
    if (op === "failure") throttle.onFailure();
    else if (op === "success") throttle.onSuccess();
    else if (op === "reconfigure") throttle.reconfigure(readChange(step, policy));
    else if (op !== "start") throw new VectorError(`${step.where}.op must be start, failure, success or reconfigure`);
  }
}

function readChange(step: Fields, policy: RetryThrottling): RetryThrottling {
  return {
    maxTokens: step.optionalNumber("max_tokens") ?? policy.maxTokens,
    tokenRatio: step.optionalNumber("token_ratio") ?? policy.tokenRatio,
  };
}
