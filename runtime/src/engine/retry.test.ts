// SPDX-License-Identifier: Apache-2.0
import type { IdempotencyLevel, RetryPolicy, StatusCode } from "@talaria/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FailedAttempt, FailureOrigin } from "./failure.ts";
import { decideRetry, type NoRetryReason, type RetryDecision, type RetryProgress, type RetryRules } from "./retry.ts";
import { RetryThrottle } from "./retry-throttle.ts";

const policy: RetryPolicy = {
  maxAttempts: 4,
  initialBackoffMs: 100,
  maxBackoffMs: 1000,
  backoffMultiplier: 2,
  backoffJitter: 0.2,
  retryableStatusCodes: ["UNAVAILABLE"],
};
const rules: RetryRules = { policy, idempotencyLevel: "IDEMPOTENT", random: () => 0.5 };
const first: RetryProgress = { attempts: 1, backoffStep: 0, remainingMs: Number.POSITIVE_INFINITY };
const unavailable: FailedAttempt = { code: "UNAVAILABLE", origin: "server" };

interface Case {
  readonly rules?: Partial<RetryRules>;
  readonly policy?: Partial<RetryPolicy>;
  readonly failure?: Partial<FailedAttempt>;
  readonly progress?: Partial<RetryProgress>;
}

function decide(given: Case = {}): RetryDecision {
  return decideRetry(
    { ...rules, policy: { ...policy, ...given.policy }, ...given.rules },
    { ...unavailable, ...given.failure },
    { ...first, ...given.progress },
  );
}

const retry = (delayMs: number, backoffStep: number): RetryDecision => ({ kind: "retry", delayMs, backoffStep });
const stop = (why: NoRetryReason): RetryDecision => ({ kind: "stop", why });

describe("decideRetry() tries again", () => {
  test.each<[string, Case, RetryDecision]>([
    ["a listed code", {}, retry(100, 1)],
    ["with the backoff of the step", { progress: { attempts: 3, backoffStep: 2 } }, retry(400, 3)],
    [
      "an expired attempt, though its code is not listed",
      { failure: { code: "CANCELLED", origin: "attempt_timeout" } },
      retry(100, 1),
    ],
    ["a lost connection as UNAVAILABLE", { failure: { code: "INTERNAL", origin: "connection_lost" } }, retry(100, 1)],
    ["a request that reached no handler", { failure: { code: "INTERNAL", origin: "unprocessed" } }, retry(100, 1)],
    [
      "after exactly the pushback, and the backoff starts again",
      { failure: { pushback: "250" }, progress: { backoffStep: 2 } },
      retry(250, 0),
    ],
    ["at once after a pushback of 0", { failure: { pushback: ["0"] } }, retry(0, 0)],
    ["when the delay just fits", { progress: { remainingMs: 100.1 } }, retry(100, 1)],
  ])("%s", (_, given, decision) => {
    expect(decide(given)).toEqual(decision);
  });
});

describe("decideRetry() stops", () => {
  test.each<[NoRetryReason, string, Case]>([
    [
      "cancelled",
      "",
      { failure: { code: "CANCELLED", origin: "cancelled" }, policy: { retryableStatusCodes: ["CANCELLED"] } },
    ],
    ["deadline", "", { failure: { origin: "deadline" }, policy: { retryableStatusCodes: ["DEADLINE_EXCEEDED"] } }],
    ["breaker", "though UNAVAILABLE is listed", { failure: { origin: "breaker" } }],
    [
      "local",
      "",
      {
        failure: { code: "RESOURCE_EXHAUSTED", origin: "local" },
        policy: { retryableStatusCodes: ["RESOURCE_EXHAUSTED"] },
      },
    ],
    ["committed", "", { failure: { committed: true } }],
    ["no_retry", "without a policy", { rules: { policy: undefined } }],
    ["no_retry", "with one attempt", { policy: { maxAttempts: 1 } }],
    ["pushback", "negative", { failure: { pushback: "-1" } }],
    ["pushback", "unreadable", { failure: { pushback: "soon" } }],
    ["pushback", "on a code that is not listed", { failure: { code: "INTERNAL", pushback: "-1" } }],
    ["not_retryable", "", { failure: { code: "INTERNAL" } }],
    ["not_retryable", "though the server asks for it", { failure: { code: "INTERNAL", pushback: "10" } }],
    ["not_retryable", "DEADLINE_EXCEEDED of the server", { failure: { code: "DEADLINE_EXCEEDED" } }],
    ["not_retryable", "CANCELLED of the server", { failure: { code: "CANCELLED" } }],
    [
      "not_retryable",
      "a lost connection where UNAVAILABLE is not listed",
      { failure: { code: "INTERNAL", origin: "connection_lost" }, policy: { retryableStatusCodes: ["INTERNAL"] } },
    ],
    ["attempts_exhausted", "", { progress: { attempts: 4 } }],
    ["attempts_exhausted", "though the server asks for it", { progress: { attempts: 4 }, failure: { pushback: "5" } }],
    ["attempts_exhausted", "at 5 at the latest", { progress: { attempts: 5 }, policy: { maxAttempts: 9 } }],
    ["throttled", "", { rules: { throttle: new RetryThrottle({ maxTokens: 10, tokenRatio: 0.1 }, 6) } }],
    ["no_time", "when the delay would end at the deadline", { progress: { remainingMs: 100 } }],
    [
      "no_time",
      "when the pushback would end after it",
      { failure: { pushback: "101" }, progress: { remainingMs: 100 } },
    ],
  ])("%s %s", (why, _, given) => {
    expect(decide(given)).toEqual(stop(why));
  });
});

describe("a method that may not run twice", () => {
  const cases: [IdempotencyLevel, FailureOrigin, RetryDecision][] = [
    ["IDEMPOTENCY_UNKNOWN", "connection_lost", stop("may_have_run")],
    ["IDEMPOTENCY_UNKNOWN", "unprocessed", retry(100, 1)],
    ["IDEMPOTENCY_UNKNOWN", "server", retry(100, 1)],
    ["NO_SIDE_EFFECTS", "connection_lost", retry(100, 1)],
    ["IDEMPOTENT", "connection_lost", retry(100, 1)],
  ];
  test.each(cases)("%s, %s", (idempotencyLevel, origin, decision) => {
    expect(decide({ rules: { idempotencyLevel }, failure: { origin } })).toEqual(decision);
  });

  test("is told so only where the code would be tried again", () => {
    const given: Case = {
      rules: { idempotencyLevel: "IDEMPOTENCY_UNKNOWN" },
      policy: { retryableStatusCodes: ["ABORTED"] },
    };
    expect(decide({ ...given, failure: { origin: "connection_lost" } })).toEqual(stop("not_retryable"));
  });
});

describe("the throttle loses", () => {
  const tokensAfter = (given: Case): number => {
    const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 0.1 });
    decide({ ...given, rules: { ...given.rules, throttle } });
    return throttle.tokens;
  };

  test.each<[string, Case]>([
    ["a retryable failure", {}],
    ["a retryable failure of the last attempt", { progress: { attempts: 4 } }],
    ["a retryable failure with a pushback", { failure: { pushback: "10" } }],
    ["a retryable failure with no time left", { progress: { remainingMs: 1 } }],
    ["an expired attempt", { failure: { origin: "attempt_timeout" } }],
    [
      "a lost connection that cannot be tried again",
      { rules: { idempotencyLevel: "IDEMPOTENCY_UNKNOWN" }, failure: { origin: "connection_lost" } },
    ],
    ["a pushback that says stop", { failure: { pushback: "-1" } }],
    ["a pushback that says stop, on a code that is not listed", { failure: { code: "INTERNAL", pushback: "" } }],
  ])("one token by %s", (_, given) => {
    expect(tokensAfter(given)).toBe(9);
  });

  test.each<[string, Case]>([
    ["a code that is not listed", { failure: { code: "NOT_FOUND" } }],
    ["a breaker's refusal", { failure: { origin: "breaker" } }],
    ["a local refusal", { failure: { origin: "local" } }],
    ["the caller's cancel", { failure: { origin: "cancelled" } }],
    ["the deadline", { failure: { origin: "deadline" } }],
    ["a failure after the first message", { failure: { committed: true } }],
    ["a method without retry", { rules: { policy: undefined } }],
  ])("none by %s", (_, given) => {
    expect(tokensAfter(given)).toBe(10);
  });
});

test("a draw is taken for a backoff, not for a pushback and not for a stop that needs none", () => {
  let draws = 0;
  const random = (): number => {
    draws += 1;
    return 0;
  };
  decide({ rules: { random }, failure: { pushback: "10" } });
  decide({ rules: { random }, failure: { code: "INTERNAL" } });
  expect(draws).toBe(0);
  expect(decide({ rules: { random } })).toEqual(retry(80, 1));
  expect(draws).toBe(1);
});

test("however a call fails, it stays within attempts, deadline, jitter and tokens", () => {
  const code = fc.constantFrom<StatusCode>("UNAVAILABLE", "UNAVAILABLE", "ABORTED", "INTERNAL", "CANCELLED");
  const origin = fc.constantFrom<FailureOrigin>(
    "server",
    "server",
    "connection_lost",
    "unprocessed",
    "attempt_timeout",
    "deadline",
    "local",
  );
  const pushback = fc.option(fc.constantFrom("0", "30", "5000", "-1", "x"), { nil: undefined, freq: 5 });
  const failure = fc.record({ code, origin, pushback, tookMs: fc.integer({ min: 0, max: 300 }) });
  const shape = fc.record({
    maxAttempts: fc.integer({ min: 1, max: 5 }),
    initialBackoffMs: fc.integer({ min: 1, max: 500 }),
    maxBackoffMs: fc.integer({ min: 1, max: 1000 }),
    backoffMultiplier: fc.constantFrom(0.5, 1, 2, 3),
    backoffJitter: fc.constantFrom(0, 0.2, 1),
  });
  const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const script = fc.array(failure, { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(shape, script, fc.integer({ min: 1, max: 2000 }), draw, (changes, failures, deadlineMs, drawn) => {
      const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 0.1 });
      const given = { ...rules, throttle, random: () => drawn, policy: { ...policy, ...changes } };
      let [nowMs, backoffStep, attempts] = [0, 0, 0];
      for (const next of failures) {
        attempts += 1;
        nowMs += next.tookMs;
        const tokens = throttle.tokens;
        const decision = decideRetry(given, next, { attempts, backoffStep, remainingMs: deadlineMs - nowMs });
        expect([tokens, tokens - 1]).toContain(throttle.tokens);
        if (decision.kind === "stop") return;
        expect(attempts).toBeLessThan(changes.maxAttempts);
        expect(throttle.tokens).toBeGreaterThan(5);
        if (next.pushback !== undefined) expect(decision.delayMs).toBe(Number(next.pushback));
        else expect(decision.delayMs).toBeLessThanOrEqual(changes.maxBackoffMs * (1 + changes.backoffJitter) + 1e-6);
        nowMs += decision.delayMs;
        expect(nowMs).toBeLessThan(deadlineMs);
        backoffStep = decision.backoffStep;
      }
      expect.unreachable("more attempts than any policy allows");
    }),
    { numRuns: 500 },
  );
});
