// SPDX-License-Identifier: Apache-2.0
import type { CircuitBreaker, HedgingPolicy, RetryPolicy, StatusCode } from "@talaria/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Breaker } from "../../runtime/src/engine/breaker.ts";
import type { FailureOrigin } from "../../runtime/src/engine/failure.ts";
import { RetryThrottle } from "../../runtime/src/engine/retry-throttle.ts";
import { VirtualClock } from "../../runtime/src/testing/virtual-clock.ts";
import type { ScriptedAttempt } from "./scripted-server.ts";
import { type CallSetup, type SimulatedCall, simulateCall } from "./simulate-call.ts";

const attempt: fc.Arbitrary<ScriptedAttempt> = fc.record({
  code: fc.constantFrom<StatusCode>("OK", "UNAVAILABLE", "UNAVAILABLE", "ABORTED"),
  latencyMs: fc.integer({ min: 0, max: 400 }),
  origin: fc.constant<FailureOrigin>("server"),
  transparentRetry: fc.constant("never" as const),
  committed: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  pushback: fc.option(fc.constantFrom("0", "50", "900", "-1"), { nil: undefined, freq: 4 }),
});

const retry: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  initialBackoffMs: fc.integer({ min: 1, max: 300 }),
  maxBackoffMs: fc.integer({ min: 1, max: 1000 }),
  backoffMultiplier: fc.constantFrom(0.5, 1, 2, 4),
  backoffJitter: fc.constantFrom(0, 0.2, 1),
  retryableStatusCodes: fc.constantFrom<StatusCode[]>(["UNAVAILABLE"], ["UNAVAILABLE", "ABORTED"]),
  perAttemptTimeoutMs: fc.constantFrom(50, 200, 2000),
});

const hedging: fc.Arbitrary<HedgingPolicy> = fc.record({
  maxAttempts: fc.integer({ min: 2, max: 5 }),
  hedgingDelayMs: fc.integer({ min: 1, max: 300 }),
  nonFatalStatusCodes: fc.constantFrom<StatusCode[]>([], ["UNAVAILABLE"]),
});

const breakerPolicy: CircuitBreaker = {
  enabled: true,
  scope: "METHOD",
  failureRateThreshold: 0.5,
  minimumRequestThreshold: 3,
  counterSlidingWindowMs: 1000,
  counterUpdateIntervalMs: 100,
  circuitOpenWindowMs: 300,
  openWindowJitter: 0.2,
  trialRequestIntervalMs: 100,
  trialRequests: 1,
  slowCallRateThreshold: 1,
  failureStatusCodes: ["UNAVAILABLE", "DEADLINE_EXCEEDED"],
};

const world = fc.record({
  script: fc.array(attempt, { minLength: 10, maxLength: 10 }),
  deadlineMs: fc.integer({ min: 1, max: 1500 }),
  tokens: fc.integer({ min: 0, max: 10 }),
  draws: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 20, maxLength: 20 }),
});

interface Permits {
  readonly given: number;
  readonly returned: number;
}

/** A breaker that counts what it gives and what comes back. */
class CountingBreaker extends Breaker {
  readonly permits = { given: 0, returned: 0 };

  override tryAcquire(nowMs: number): number {
    const permit = super.tryAcquire(nowMs);
    if (permit !== 0) this.permits.given += 1;
    return permit;
  }

  override onResult(...result: Parameters<Breaker["onResult"]>): void {
    this.permits.returned += 1;
    super.onResult(...result);
  }
}

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

async function call(given: World, policies: Partial<CallSetup>): Promise<[SimulatedCall, Permits, VirtualClock]> {
  const clock = new VirtualClock();
  const draws = [...given.draws];
  const random = (): number => draws.shift() ?? 0.5;
  const breaker = new CountingBreaker(breakerPolicy, random);
  const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 0.1 }, given.tokens);
  const fallback = given.script.at(-1);
  const seen = await simulateCall({
    ...policies,
    clock,
    random,
    breaker,
    throttle,
    failureStatusCodes: breakerPolicy.failureStatusCodes,
    deadlineMs: given.deadlineMs,
    server: (index) => given.script[index] ?? fallback ?? expect.unreachable(),
  });
  return [seen, breaker.permits, clock];
}

describe.each<[string, fc.Arbitrary<Partial<CallSetup>>]>([
  ["retry", retry.map((policy) => ({ retry: policy }))],
  ["hedging", hedging.map((policy) => ({ hedging: policy }))],
])("whatever the server does, a call with %s", (_, policies) => {
  test("makes no more attempts than its policy, none at the deadline or after it, and ends by it", async () => {
    await fc.assert(
      fc.asyncProperty(policies, world, async (policy, given) => {
        const [seen] = await call(given, policy);
        const most = policy.retry?.maxAttempts ?? policy.hedging?.maxAttempts ?? 1;
        expect(seen.starts.length).toBeLessThanOrEqual(most);
        expect(seen.starts.every((atMs) => atMs < given.deadlineMs)).toBe(true);
        expect(seen.endMs).toBeLessThanOrEqual(given.deadlineMs);
      }),
      { numRuns: 300 },
    );
  });

  test("returns every permit exactly once, and leaves no timer behind", async () => {
    await fc.assert(
      fc.asyncProperty(policies, world, async (policy, given) => {
        const [seen, permits, clock] = await call(given, policy);
        expect(permits.given).toBe(seen.starts.length);
        expect(permits.returned).toBe(permits.given);
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test("makes one attempt when the throttle is at half or below", async () => {
    await fc.assert(
      fc.asyncProperty(policies, world, async (policy, given) => {
        const [seen] = await call({ ...given, tokens: 5 }, policy);
        expect(seen.starts).toEqual([0]);
      }),
    );
  });
});
