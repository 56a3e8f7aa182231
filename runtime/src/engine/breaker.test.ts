// SPDX-License-Identifier: Apache-2.0
import type { CircuitBreaker } from "@talaria/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Breaker, type BreakerState, refused } from "./breaker.ts";
import type { Outcome } from "./outcome.ts";

const policy: CircuitBreaker = {
  enabled: true,
  scope: "METHOD",
  failureRateThreshold: 0.5,
  minimumRequestThreshold: 4,
  counterSlidingWindowMs: 10_000,
  counterUpdateIntervalMs: 1000,
  circuitOpenWindowMs: 5000,
  openWindowJitter: 0,
  trialRequestIntervalMs: 1000,
  trialRequests: 1,
  slowCallRateThreshold: 1,
  failureStatusCodes: ["UNAVAILABLE"],
};

function createBreaker(changes: Partial<CircuitBreaker> = {}, draw = 0.5): Breaker {
  return new Breaker({ ...policy, ...changes }, () => draw);
}

/** Makes attempts that end at once; says how many were let through. */
function attempt(breaker: Breaker, outcome: Outcome, nowMs: number, times = 1, durationMs = 0): number {
  let made = 0;
  for (let i = 0; i < times; i++) {
    const permit = breaker.tryAcquire(nowMs);
    if (permit === refused) continue;
    breaker.onResult(permit, outcome, durationMs, nowMs);
    made += 1;
  }
  return made;
}

function openedAt(nowMs: number, changes: Partial<CircuitBreaker> = {}, draw = 0.5): Breaker {
  const breaker = createBreaker(changes, draw);
  attempt(breaker, "failure", nowMs, 4);
  expect(breaker.state).toBe("OPEN");
  return breaker;
}

describe("a CLOSED breaker", () => {
  test("opens when failures / total reaches the threshold, the failure included", () => {
    const breaker = createBreaker({ failureRateThreshold: 0.3, minimumRequestThreshold: 10 });
    attempt(breaker, "success", 0, 7);
    attempt(breaker, "failure", 0, 2);
    expect(breaker.state).toBe("CLOSED");
    attempt(breaker, "failure", 0);
    expect(breaker.state).toBe("OPEN");
  });

  test("a threshold of 1 opens when everything fails", () => {
    const breaker = createBreaker({ failureRateThreshold: 1 });
    attempt(breaker, "failure", 0, 4);
    expect(breaker.state).toBe("OPEN");
  });

  test("is not judged by a success, even when that makes the minimum", () => {
    const breaker = createBreaker();
    attempt(breaker, "failure", 0, 3);
    attempt(breaker, "success", 0);
    expect(breaker.state).toBe("CLOSED");
    attempt(breaker, "failure", 0);
    expect(breaker.state).toBe("OPEN");
  });

  test("ignored outcomes count for nothing, however slow", () => {
    const breaker = createBreaker({ slowCallDurationMs: 10 });
    attempt(breaker, "ignore", 0, 100, 5000);
    expect(breaker.snapshot(0)).toMatchObject({ state: "CLOSED", total: 0, slow: 0 });
  });

  test("slow means longer than the limit, not as long", () => {
    const breaker = createBreaker({ slowCallDurationMs: 100, slowCallRateThreshold: 0.5 });
    attempt(breaker, "success", 0, 4, 100);
    expect(breaker.snapshot(0).slow).toBe(0);
    attempt(breaker, "success", 0, 4, 100.5);
    expect(breaker.snapshot(0)).toMatchObject({
      state: "OPEN",
      trip: { kind: "slow_calls", count: 4, total: 8, threshold: 0.5 },
    });
  });

  test("failures that lie further back than the window do not count", () => {
    const breaker = createBreaker();
    attempt(breaker, "failure", 0, 3);
    attempt(breaker, "failure", 10_000);
    expect(breaker.snapshot(10_000)).toMatchObject({ state: "CLOSED", total: 1 });
  });

  test("a snapshot counts what is in the window at its own time", () => {
    const breaker = createBreaker();
    attempt(breaker, "failure", 0, 3);
    expect(breaker.snapshot(9999).failures).toBe(3);
    expect(breaker.snapshot(10_000).failures).toBe(0);
  });
});

describe("an OPEN breaker", () => {
  test("refuses until exactly the open window has passed", () => {
    const breaker = openedAt(100);
    expect(breaker.tryAcquire(5099.9)).toBe(refused);
    expect(breaker.snapshot(5000)).toMatchObject({ state: "OPEN", nextTrialInMs: 100, openWindowMs: 5000 });
    expect(breaker.tryAcquire(5100)).not.toBe(refused);
    expect(breaker.state).toBe("HALF_OPEN");
  });

  test.each([
    [0, 4000],
    [0.25, 4500],
    [0.5, 5000],
    [1, 6000],
  ])("a draw of %d makes its window %i ms", (draw, openWindowMs) => {
    const breaker = openedAt(0, { openWindowJitter: 0.2 }, draw);
    expect(breaker.snapshot(0).openWindowMs).toBeCloseTo(openWindowMs, 9);
  });

  test("drops the results of attempts from before it opened", () => {
    const breaker = createBreaker();
    const late = breaker.tryAcquire(0);
    attempt(breaker, "failure", 0, 4);
    breaker.onResult(late, "success", 0, 100);
    expect(breaker.snapshot(100)).toMatchObject({ state: "OPEN", total: 4 });
  });
});

describe("a HALF_OPEN breaker", () => {
  test("drops the results of attempts from before it opened", () => {
    for (const outcome of ["success", "failure"] as const) {
      const breaker = createBreaker();
      const late = breaker.tryAcquire(0);
      attempt(breaker, "failure", 0, 4);
      breaker.tryAcquire(5000);
      breaker.onResult(late, outcome, 0, 5001);
      expect(breaker.state).toBe("HALF_OPEN");
    }
  });

  test("a success closes it, with fresh counters", () => {
    const breaker = openedAt(0);
    expect(attempt(breaker, "success", 5000)).toBe(1);
    expect(breaker.snapshot(5000)).toMatchObject({ state: "CLOSED", total: 0, trip: undefined });
    attempt(breaker, "failure", 5000, 3);
    expect(breaker.state).toBe("CLOSED");
  });

  test("lets so many trials through and refuses the rest at once", () => {
    const breaker = openedAt(0, { trialRequests: 3 });
    const permits = Array.from({ length: 5 }, () => breaker.tryAcquire(5000));
    expect(permits.map((permit) => permit !== refused)).toEqual([true, true, true, false, false]);
    expect(new Set(permits.slice(0, 3)).size).toBe(3);
  });

  test("closes only when all trials have a result and stay below the threshold", () => {
    const breaker = openedAt(0, { trialRequests: 3, failureRateThreshold: 0.5 });
    const [a = refused, b = refused, c = refused] = Array.from({ length: 3 }, () => breaker.tryAcquire(5000));
    breaker.onResult(a, "success", 0, 5001);
    breaker.onResult(b, "failure", 0, 5002);
    expect(breaker.state).toBe("HALF_OPEN");
    expect(breaker.tryAcquire(5003)).toBe(refused);
    breaker.onResult(c, "success", 0, 5004);
    expect(breaker.state).toBe("CLOSED");
  });

  test("opens again as soon as the threshold is certain to be reached", () => {
    const breaker = openedAt(0, { trialRequests: 4, failureRateThreshold: 0.5 });
    const [a = refused, b = refused] = Array.from({ length: 4 }, () => breaker.tryAcquire(5000));
    breaker.onResult(a, "failure", 0, 5001);
    expect(breaker.state).toBe("HALF_OPEN");
    breaker.onResult(b, "failure", 0, 5002);
    expect(breaker.snapshot(5002)).toMatchObject({
      state: "OPEN",
      trip: { kind: "failed_trials", count: 2, total: 4 },
      nextTrialInMs: 5000,
    });
  });

  test("starts each half-open period with all its places", () => {
    const breaker = openedAt(0, { trialRequests: 2, trialRequestIntervalMs: 60_000 });
    const [a = refused] = [breaker.tryAcquire(5000), breaker.tryAcquire(5000)];
    breaker.onResult(a, "failure", 0, 5001);
    expect(breaker.state).toBe("OPEN");
    const places = Array.from({ length: 3 }, () => breaker.tryAcquire(10_001) !== refused);
    expect(places).toEqual([true, true, false]);
  });

  test("slow trials open it by the slow-call threshold", () => {
    const breaker = openedAt(0, { slowCallDurationMs: 100 });
    attempt(breaker, "success", 5000, 1, 101);
    expect(breaker.snapshot(5000)).toMatchObject({ state: "OPEN", trip: { kind: "slow_trials", count: 1, total: 1 } });
  });

  test("an ignored trial frees its place", () => {
    const breaker = openedAt(0);
    attempt(breaker, "ignore", 5000);
    expect(breaker.snapshot(5000)).toMatchObject({ state: "HALF_OPEN", nextTrialInMs: 0 });
    expect(breaker.tryAcquire(5000)).not.toBe(refused);
    expect(breaker.tryAcquire(5000)).toBe(refused);
  });

  test("replaces a trial without result after the interval, one for one", () => {
    const breaker = openedAt(0);
    breaker.tryAcquire(5000);
    expect(breaker.snapshot(5400).nextTrialInMs).toBe(600);
    expect(breaker.tryAcquire(5999)).toBe(refused);
    expect(breaker.tryAcquire(6000)).not.toBe(refused);
    expect(breaker.tryAcquire(6500)).toBe(refused);
    expect(breaker.tryAcquire(7000)).not.toBe(refused);
  });

  test.each(["success", "failure"] as const)("a replaced trial still decides: %s", (outcome) => {
    const breaker = openedAt(0);
    const first = breaker.tryAcquire(5000);
    const second = breaker.tryAcquire(6000);
    breaker.onResult(first, outcome, 1200, 6200);
    const decided = outcome === "success" ? "CLOSED" : "OPEN";
    expect(breaker.state).toBe(decided);
    breaker.onResult(second, outcome === "success" ? "failure" : "success", 300, 6300);
    expect(breaker.snapshot(6300)).toMatchObject({ state: decided, failures: outcome === "success" ? 0 : 4 });
  });

  test("an ignored trial that was replaced frees no second place", () => {
    const breaker = openedAt(0);
    const first = breaker.tryAcquire(5000);
    breaker.tryAcquire(6000);
    breaker.onResult(first, "ignore", 0, 6100);
    expect(breaker.tryAcquire(6200)).toBe(refused);
  });
});

describe("the open window", () => {
  const fail = (breaker: Breaker, nowMs: number): number => {
    expect(attempt(breaker, "failure", nowMs)).toBe(1);
    return breaker.snapshot(nowMs).openWindowMs ?? 0;
  };

  test("does not grow without a maximum", () => {
    const breaker = openedAt(0);
    expect([fail(breaker, 5000), fail(breaker, 10_000)]).toEqual([5000, 5000]);
  });

  test("doubles with each failed trial up to the maximum, and is back at its base after a close", () => {
    const breaker = openedAt(0, { maxCircuitOpenWindowMs: 15_000 });
    expect([fail(breaker, 5000), fail(breaker, 15_000), fail(breaker, 30_000)]).toEqual([10_000, 15_000, 15_000]);
    attempt(breaker, "success", 45_000);
    attempt(breaker, "failure", 45_000, 4);
    expect(breaker.snapshot(45_000)).toMatchObject({ state: "OPEN", openWindowMs: 5000 });
  });

  test("is varied after it has grown", () => {
    const breaker = openedAt(0, { maxCircuitOpenWindowMs: 10_000, openWindowJitter: 0.2 }, 1);
    expect(fail(breaker, 6000)).toBe(12_000);
  });
});

describe("by hand", () => {
  test("forced OPEN refuses for ever, and goes through a trial once released", () => {
    const breaker = createBreaker();
    breaker.force("OPEN", 0);
    expect(breaker.tryAcquire(1e12)).toBe(refused);
    expect(breaker.snapshot(1e12)).toMatchObject({
      forced: true,
      nextTrialInMs: Number.POSITIVE_INFINITY,
      trip: { kind: "by_hand" },
    });
    breaker.force(undefined, 1e12);
    expect(breaker.tryAcquire(1e12)).toBe(refused);
    expect(attempt(breaker, "success", 1e12 + 5000)).toBe(1);
    expect(breaker.snapshot(1e12 + 5000)).toMatchObject({ state: "CLOSED", forced: false });
  });

  test("forced CLOSED never opens, goes on counting, and is judged again once released", () => {
    const breaker = openedAt(0);
    breaker.force("CLOSED", 0);
    expect(attempt(breaker, "failure", 0, 100)).toBe(100);
    expect(breaker.snapshot(0)).toMatchObject({ state: "CLOSED", forced: true, failures: 100 });
    breaker.force(undefined, 0);
    expect(breaker.state).toBe("CLOSED");
    attempt(breaker, "failure", 0);
    expect(breaker.state).toBe("OPEN");
  });

  test("forcing the same twice starts nothing anew", () => {
    const breaker = createBreaker();
    breaker.force("CLOSED", 0);
    attempt(breaker, "failure", 0);
    breaker.force("CLOSED", 1);
    expect(breaker.snapshot(1).failures).toBe(1);
  });

  test("releasing what is not forced changes nothing", () => {
    const breaker = openedAt(0);
    breaker.force(undefined, 10);
    expect(breaker.snapshot(10)).toMatchObject({ state: "OPEN", nextTrialInMs: 4990, trip: { kind: "failures" } });
  });

  test("a state that was entered goes on from there", () => {
    const breaker = createBreaker();
    breaker.enter("OPEN", 0);
    expect(breaker.tryAcquire(4999)).toBe(refused);
    breaker.enter("HALF_OPEN", 4999);
    expect(attempt(breaker, "success", 4999)).toBe(1);
    expect(breaker.state).toBe("CLOSED");
  });
});

test("a listener hears every change of state, and nothing else", () => {
  const heard: string[] = [];
  const breaker = new Breaker(
    policy,
    () => 0.5,
    (to, from) => heard.push(`${from} -> ${to}`),
  );
  attempt(breaker, "failure", 0, 10);
  attempt(breaker, "failure", 5000, 3);
  attempt(breaker, "success", 10_000, 3);
  breaker.enter("CLOSED", 10_000);
  expect(heard).toEqual([
    "CLOSED -> OPEN",
    "OPEN -> HALF_OPEN",
    "HALF_OPEN -> OPEN",
    "OPEN -> HALF_OPEN",
    "HALF_OPEN -> CLOSED",
  ]);
});

/** What a test does to a breaker. */
interface Step {
  readonly waitMs: number;
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Leaves the attempt running, to be finished at the end. */
  readonly hangs: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 6000 })),
  outcome: fc.constantFrom<Outcome>("success", "failure", "failure", "ignore"),
  durationMs: fc.constantFrom(0, 200),
  hangs: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

const anyPolicy = fc.record({
  failureRateThreshold: fc.constantFrom(0.1, 0.3, 0.5, 0.75, 1),
  slowCallRateThreshold: fc.constantFrom(0.4, 1),
  slowCallDurationMs: fc.constantFrom(100, 1000),
  minimumRequestThreshold: fc.integer({ min: 1, max: 8 }),
  counterSlidingWindowMs: fc.constantFrom(500, 2000, 10_000),
  counterUpdateIntervalMs: fc.constantFrom(100, 250),
  trialRequests: fc.integer({ min: 1, max: 4 }),
});

describe("properties", () => {
  test("while CLOSED, the state is a function of the outcomes in the last window", () => {
    fc.assert(
      fc.property(anyPolicy, fc.array(step, { maxLength: 80 }), (changes, steps) => {
        const breaker = createBreaker(changes);
        const history: { bucket: number; failed: boolean; slow: boolean }[] = [];
        let nowMs = 0;
        for (const { waitMs, outcome, durationMs } of steps) {
          nowMs += waitMs;
          attempt(breaker, outcome, nowMs, 1, durationMs);
          if (outcome === "ignore") continue;
          const bucket = Math.floor(nowMs / changes.counterUpdateIntervalMs);
          const latest = { bucket, failed: outcome === "failure", slow: durationMs > changes.slowCallDurationMs };
          history.push(latest);
          const buckets = changes.counterSlidingWindowMs / changes.counterUpdateIntervalMs;
          const live = history.filter((one) => one.bucket > bucket - buckets);
          const failures = live.filter((one) => one.failed).length / live.length;
          const slow = live.filter((one) => one.slow).length / live.length;
          const enough = live.length >= changes.minimumRequestThreshold;
          const trips =
            enough &&
            ((latest.failed && failures >= changes.failureRateThreshold) ||
              (latest.slow && slow >= changes.slowCallRateThreshold));
          expect(breaker.state).toBe(trips ? "OPEN" : "CLOSED");
          if (trips) return;
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a refused attempt is never counted and moves nothing", () => {
    fc.assert(
      fc.property(anyPolicy, fc.array(step, { maxLength: 80 }), (changes, steps) => {
        const [breaker, untroubled] = [createBreaker(changes), createBreaker(changes)];
        let nowMs = 0;
        for (const { waitMs, outcome, durationMs } of steps) {
          nowMs += waitMs;
          attempt(untroubled, outcome, nowMs, 1, durationMs);
          const made = attempt(breaker, outcome, nowMs, 1, durationMs);
          const before = breaker.snapshot(nowMs);
          if (made === 0) for (let i = 0; i < 5; i++) expect(breaker.tryAcquire(nowMs)).toBe(refused);
          expect(breaker.snapshot(nowMs)).toEqual(before);
          expect(breaker.snapshot(nowMs)).toEqual(untroubled.snapshot(nowMs));
        }
      }),
    );
  });

  test("never more trials at once than the policy says, within one trial interval", () => {
    fc.assert(
      fc.property(anyPolicy, fc.array(step, { maxLength: 120 }), (changes, steps) => {
        const breaker = createBreaker(changes);
        let nowMs = 0;
        let trials: number[] = [];
        for (const { waitMs, outcome, hangs } of steps) {
          nowMs += waitMs;
          const permit = breaker.tryAcquire(nowMs);
          if (breaker.state !== "HALF_OPEN") trials = [];
          else if (permit !== refused && hangs) trials.push(nowMs);
          if (permit !== refused && !hangs) breaker.onResult(permit, outcome, 0, nowMs);
          const recent = trials.filter((atMs) => atMs > nowMs - policy.trialRequestIntervalMs);
          expect(recent.length).toBeLessThanOrEqual(changes.trialRequests);
        }
      }),
    );
  });

  test("moves only along the edges of its diagram, and results of earlier periods move nothing", () => {
    const edges = new Set(["CLOSED>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>OPEN", "HALF_OPEN>CLOSED"]);
    fc.assert(
      fc.property(anyPolicy, fc.array(step, { maxLength: 80 }), (changes, steps) => {
        const taken: string[] = [];
        const listener = (to: BreakerState, from: BreakerState): number => taken.push(`${from}>${to}`);
        const breaker = new Breaker({ ...policy, ...changes }, () => 0.5, listener);
        const hanging: { permit: number; period: number; outcome: Outcome }[] = [];
        let nowMs = 0;
        for (const { waitMs, outcome, durationMs, hangs } of steps) {
          nowMs += waitMs;
          const permit = breaker.tryAcquire(nowMs);
          if (permit === refused) continue;
          if (hangs) hanging.push({ permit, period: taken.length, outcome });
          else breaker.onResult(permit, outcome, durationMs, nowMs);
        }
        for (const { permit, period, outcome } of hanging) {
          const before = breaker.snapshot(nowMs);
          if (period === taken.length) continue;
          breaker.onResult(permit, outcome, 0, nowMs);
          expect(breaker.snapshot(nowMs)).toEqual(before);
        }
        expect(taken.filter((edge) => !edges.has(edge))).toEqual([]);
      }),
    );
  });
});
