// SPDX-License-Identifier: Apache-2.0
import type { IdempotencyLevel, RetryThrottling } from "@talaria/contract";
import { VirtualClock } from "@talaria/runtime/testing";
import { RetryThrottle } from "../../../runtime/src/engine/retry-throttle.ts";
import type { Fields } from "../fields.ts";
import type { Judge } from "../judge.ts";
import type { RunVector } from "../kind.ts";
import { type CallSetup, makeCall } from "../make-call.ts";
import { readHedgingPolicy, readRetryPolicy, readRetryThrottling } from "../read-policy.ts";
import { scriptedRandom } from "../scripted-random.ts";
import { readAttempts } from "../scripted-server.ts";

/** One call that is tried again. */
export const runRetry: RunVector = async (vector, judge) => {
  const config = vector.object("config");
  const idempotency = vector.optional("idempotency_level", vector.string) ?? "IDEMPOTENT";
  await runCall(vector, judge, {
    retry: readRetryPolicy(config),
    throttle: readThrottle(config),
    idempotencyLevel: idempotency as IdempotencyLevel,
  });
};

/** One call of which several copies are sent. */
export const runHedging: RunVector = async (vector, judge) => {
  const config = vector.object("config");
  await runCall(vector, judge, { hedging: readHedgingPolicy(config), throttle: readThrottle(config) });
};

async function runCall(vector: Fields, judge: Judge, policies: Partial<CallSetup>): Promise<void> {
  const call = await makeCall({
    ...policies,
    clock: new VirtualClock(),
    random: scriptedRandom(vector.optional("random", vector.numbers)),
    server: readAttempts(vector, "attempts"),
    deadlineMs: vector.optionalNumber("deadline_millis"),
  });
  judge.compare(vector.object("expect"), {
    starts: call.starts,
    delays: call.delays,
    attempt_count: call.starts.length,
    previous_attempts_header: call.previousAttempts,
    cancelled_attempts: call.cancelled,
    final: call.final,
    end: call.endMs,
    tokens: policies.throttle?.tokens,
  });
}

/** `tokens_now` is how full the bucket is when the call begins. */
function readThrottle(config: Fields): RetryThrottle | undefined {
  if (!config.has("retry_throttling")) return undefined;
  const fields = config.object("retry_throttling");
  const policy: RetryThrottling = readRetryThrottling(fields);
  return new RetryThrottle(policy, fields.optionalNumber("tokens_now") ?? policy.maxTokens);
}
