// SPDX-License-Identifier: Apache-2.0
import type { CircuitBreaker, RetryPolicy } from "@talaria/contract";
import { VirtualClock } from "@talaria/runtime/testing";
import { Breaker } from "../../../runtime/src/engine/breaker.ts";
import { RetryThrottle } from "../../../runtime/src/engine/retry-throttle.ts";
import type { Fields } from "../fields.ts";
import type { RunVector } from "../kind.ts";
import { type CallSetup, makeCall, type SeenCall } from "../make-call.ts";
import { readBreakerPolicy, readRetryPolicy, readRetryThrottling } from "../read-policy.ts";
import { scriptedRandom } from "../scripted-random.ts";
import { readAttempts } from "../scripted-server.ts";

/** Calls of several methods of one service, through retry and breaker. */
export const runComposite: RunVector = async (vector, judge) => {
  const policy = readBreakerPolicy(vector.object("circuit_breaker"));
  const retry: RetryPolicy | undefined = vector.has("retry") ? readRetryPolicy(vector.object("retry")) : undefined;
  const throttle = vector.has("retry_throttling")
    ? new RetryThrottle(readRetryThrottling(vector.object("retry_throttling")))
    : undefined;
  const clock = new VirtualClock();
  const random = scriptedRandom(vector.optional("random", vector.numbers));
  const deadlineMs = vector.optionalNumber("deadline_millis");
  const breakers = new Map<string, Breaker>();
  for (const call of vector.objects("calls")) {
    const breaker = breakerOf(call.string("method"), policy, breakers);
    clock.advance(Math.max(0, call.number("t") - clock.nowMs()));
    const setup = { clock, random, retry, throttle, breaker, deadlineMs, circuitBreaker: policy };
    const seen = await makeCalls(call, { ...setup, server: readAttempts(call, "server") });
    judge.compare(call.object("expect"), {
      attempts: seen.starts.length,
      final: seen.final,
      starts: seen.starts,
      end: seen.endMs,
      breaker_after: breaker.state,
      tokens: throttle?.tokens,
    });
  }
};

/** `n` times the same call; what was seen of the last. */
async function makeCalls(call: Fields, setup: CallSetup): Promise<SeenCall> {
  const times = call.optionalNumber("n") ?? 1;
  for (let i = 1; i < times; i++) await makeCall(setup);
  return makeCall(setup);
}

function breakerOf(method: string, policy: CircuitBreaker, breakers: Map<string, Breaker>): Breaker {
  const key = policy.scope === "SERVICE" ? "" : method;
  const breaker = breakers.get(key) ?? new Breaker(policy, scriptedRandom());
  breakers.set(key, breaker);
  return breaker;
}
