// SPDX-License-Identifier: Apache-2.0
import type { HedgingPolicy } from "@talaria/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FailedAttempt } from "./failure.ts";
import { Hedging, type HedgingAction } from "./hedging.ts";
import { RetryThrottle } from "./retry-throttle.ts";

const policy: HedgingPolicy = { maxAttempts: 3, hedgingDelayMs: 100, nonFatalStatusCodes: ["UNAVAILABLE"] };
const forever = Number.POSITIVE_INFINITY;
const unavailable: FailedAttempt = { code: "UNAVAILABLE", origin: "server" };

const start = (attempt: number): HedgingAction => ({ kind: "start", attempt });
const wait = (delayMs: number): HedgingAction => ({ kind: "wait", delayMs });
const cancel = (attempt: number): HedgingAction => ({ kind: "cancel", attempt });
const finish = (attempt: number): HedgingAction => ({ kind: "finish", attempt });
const stopWaiting: HedgingAction = { kind: "stop_waiting" };

/** A hedged call that has sent `copies`. */
function hedged(copies: number, changes: Partial<HedgingPolicy> = {}, throttle?: RetryThrottle): Hedging {
  const hedging = new Hedging({ ...policy, ...changes }, throttle);
  hedging.start(forever);
  for (let i = 1; i < copies; i++) hedging.onDelay(forever);
  expect(hedging.attempts).toBe(copies);
  return hedging;
}

describe("Hedging", () => {
  test("sends a further copy each delay, and stops waiting with the last", () => {
    const hedging = new Hedging(policy);
    expect(hedging.start(forever)).toEqual([wait(100), start(1)]);
    expect(hedging.onDelay(forever)).toEqual([wait(100), start(2)]);
    expect(hedging.onDelay(forever)).toEqual([start(3)]);
    expect(hedging.onDelay(forever)).toEqual([]);
  });

  test("committed to one copy, gives up the others, sends no further one, and ends as that copy ends", () => {
    for (const last of ["success", "failure"] as const) {
      const hedging = hedged(3, { maxAttempts: 5 });
      expect(hedging.onCommitted(2)).toEqual([stopWaiting, cancel(1), cancel(3)]);
      expect(hedging.onDelay(forever)).toEqual([]);
      expect(hedging.onFailure(1, unavailable, forever)).toEqual([]);
      expect(hedging.onCommitted(2)).toEqual([]);
      const end = last === "success" ? hedging.onSuccess(2) : hedging.onFailure(2, unavailable, forever);
      expect(end).toEqual([finish(2)]);
      expect(hedging.onCommitted(2)).toEqual([]);
    }
    expect(hedged(2).onCommitted(3)).toEqual([]);
  });

  test("sends no more than 5 copies", () => {
    const hedging = hedged(5, { maxAttempts: 9 });
    expect(hedging.onDelay(forever)).toEqual([]);
  });

  test("the first success ends the call and cancels the others", () => {
    expect(hedged(3).onSuccess(2)).toEqual([cancel(1), cancel(3), finish(2)]);
    expect(hedged(2).onSuccess(1)).toEqual([stopWaiting, cancel(2), finish(1)]);
  });

  test("a non-fatal failure sends the next copy at once, and the wait begins again", () => {
    const hedging = hedged(1);
    expect(hedging.onFailure(1, unavailable, forever)).toEqual([wait(100), start(2)]);
    expect(hedging.onFailure(2, unavailable, forever)).toEqual([stopWaiting, start(3)]);
    expect(hedging.onFailure(3, unavailable, forever)).toEqual([finish(3)]);
  });

  test("a fatal failure ends all", () => {
    const failure: FailedAttempt = { code: "INVALID_ARGUMENT", origin: "server" };
    expect(hedged(2).onFailure(2, failure, forever)).toEqual([stopWaiting, cancel(1), finish(2)]);
  });

  test.each(["deadline", "cancelled"] as const)("%s is fatal, whatever is listed", (origin) => {
    const hedging = hedged(1, { nonFatalStatusCodes: ["DEADLINE_EXCEEDED", "CANCELLED"] });
    expect(hedging.onFailure(1, { code: "CANCELLED", origin }, forever)).toEqual([stopWaiting, finish(1)]);
  });

  test("a lost connection counts as UNAVAILABLE", () => {
    const failure: FailedAttempt = { code: "INTERNAL", origin: "connection_lost" };
    expect(hedged(1).onFailure(1, failure, forever)).toEqual([wait(100), start(2)]);
  });

  test("with all copies sent, a non-fatal failure waits for the others, and the last one ends the call", () => {
    const hedging = hedged(3);
    expect(hedging.onFailure(2, unavailable, forever)).toEqual([]);
    expect(hedging.onFailure(1, unavailable, forever)).toEqual([]);
    expect(hedging.onFailure(3, unavailable, forever)).toEqual([finish(3)]);
  });

  test("nothing happens after the end", () => {
    const hedging = hedged(2);
    hedging.onSuccess(1);
    expect(hedging.onSuccess(2)).toEqual([]);
    expect(hedging.onFailure(2, unavailable, forever)).toEqual([]);
    expect(hedging.onDelay(forever)).toEqual([]);
  });
});

describe("the server's pushback", () => {
  test("moves the next copy to its delay", () => {
    const hedging = hedged(1);
    expect(hedging.onFailure(1, { ...unavailable, pushback: "40" }, forever)).toEqual([wait(40)]);
    expect(hedging.onDelay(forever)).toEqual([wait(100), start(2)]);
  });

  test("of 0 sends it at once", () => {
    expect(hedged(1).onFailure(1, { ...unavailable, pushback: "0" }, forever)).toEqual([wait(100), start(2)]);
  });

  test.each(["-1", "soon"])("%s ends hedging, not the copies that run", (pushback) => {
    const hedging = hedged(2);
    expect(hedging.onFailure(1, { ...unavailable, pushback }, forever)).toEqual([stopWaiting]);
    expect(hedging.onSuccess(2)).toEqual([finish(2)]);
  });

  test("-1 with no copy left ends the call", () => {
    expect(hedged(1).onFailure(1, { ...unavailable, pushback: "-1" }, forever)).toEqual([stopWaiting, finish(1)]);
  });
});

describe("the throttle", () => {
  const bucket = (tokens: number): RetryThrottle => new RetryThrottle({ maxTokens: 10, tokenRatio: 0.1 }, tokens);

  test("at half or below lets no further copy out", () => {
    const hedging = hedged(1, {}, bucket(5));
    expect(hedging.onDelay(forever)).toEqual([]);
    expect(hedging.onFailure(1, unavailable, forever)).toEqual([finish(1)]);
  });

  test("that said no once has said no for this call", () => {
    const throttle = bucket(5);
    const hedging = hedged(1, {}, throttle);
    hedging.onDelay(forever);
    for (let i = 0; i < 20; i++) throttle.onSuccess();
    expect(hedging.onFailure(1, unavailable, forever)).toEqual([finish(1)]);
  });

  test.each<[string, FailedAttempt, number]>([
    ["a non-fatal failure takes one", unavailable, 9],
    ["a pushback that says stop takes one", { ...unavailable, pushback: "-1" }, 9],
    ["and on a fatal failure too", { code: "INTERNAL", origin: "server", pushback: "-1" }, 9],
    ["a fatal failure takes none", { code: "INTERNAL", origin: "server" }, 10],
    ["a breaker's refusal takes none", { code: "UNAVAILABLE", origin: "breaker" }, 10],
  ])("%s", (_, failure, tokens) => {
    const throttle = bucket(10);
    hedged(1, {}, throttle).onFailure(1, failure, forever);
    expect(throttle.tokens).toBe(tokens);
  });
});

describe("the deadline", () => {
  test("no wait that would end at it or after it", () => {
    expect(new Hedging(policy).start(100)).toEqual([start(1)]);
    expect(new Hedging(policy).start(100.1)).toEqual([wait(100), start(1)]);
  });

  test("no copy when a late timer comes at it", () => {
    expect(hedged(1).onDelay(0)).toEqual([]);
  });

  test("a pushback beyond it ends the call now, with what the server said", () => {
    const hedging = hedged(1);
    expect(hedging.onFailure(1, { ...unavailable, pushback: "500" }, 500)).toEqual([stopWaiting, finish(1)]);
  });
});

describe("a copy that this process refuses", () => {
  const refusal: FailedAttempt = { code: "UNAVAILABLE", origin: "breaker" };

  test("ends hedging, not the copies that run", () => {
    const hedging = hedged(2);
    expect(hedging.onFailure(2, refusal, forever)).toEqual([stopWaiting]);
    expect(hedging.onSuccess(1)).toEqual([finish(1)]);
  });

  test("leaves the last word to the server", () => {
    const hedging = hedged(1);
    hedging.onFailure(1, unavailable, forever);
    expect(hedging.onFailure(2, refusal, forever)).toEqual([stopWaiting, finish(1)]);
  });

  test("ends the call when it is the first", () => {
    expect(hedged(1).onFailure(1, refusal, forever)).toEqual([stopWaiting, finish(1)]);
  });
});

test("however copies end, there are never too many, and there is one end for all of them", () => {
  type Event = { readonly at: number; readonly how: "success" | "delay" | FailedAttempt };
  const failure = fc.record({
    code: fc.constantFrom("UNAVAILABLE" as const, "UNAVAILABLE" as const, "INTERNAL" as const),
    origin: fc.constantFrom("server" as const, "connection_lost" as const, "breaker" as const),
    pushback: fc.option(fc.constantFrom("0", "10", "-1"), { nil: undefined }),
  });
  const how = fc.oneof(fc.constant("success" as const), fc.constant("delay" as const), failure);
  const event: fc.Arbitrary<Event> = fc.record({ at: fc.nat({ max: 4 }), how });
  const copies = fc.integer({ min: 2, max: 5 });
  fc.assert(
    fc.property(
      copies,
      fc.integer({ min: 0, max: 10 }),
      fc.array(event, { maxLength: 30 }),
      (maxAttempts, tokens, events) => {
        const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 0.5 }, tokens);
        const hedging = new Hedging({ ...policy, maxAttempts }, throttle);
        const running = new Set<number>();
        let [started, finished, waiting] = [0, 0, false];
        const take = (actions: readonly HedgingAction[]): void => {
          for (const action of actions) {
            expect(finished).toBe(0);
            if (action.kind === "start") {
              started += 1;
              expect(action.attempt).toBe(started);
              running.add(action.attempt);
            } else if (action.kind === "cancel") expect(running.delete(action.attempt)).toBe(true);
            else if (action.kind === "wait") waiting = true;
            else if (action.kind === "stop_waiting") waiting = false;
            else finished += 1;
          }
        };
        take(hedging.start(forever));
        for (const { at, how } of events) {
          if (how === "delay") {
            if (!waiting) continue;
            waiting = false;
            take(hedging.onDelay(forever));
          } else {
            const attempt = [...running][at % Math.max(1, running.size)];
            if (attempt === undefined) continue;
            running.delete(attempt);
            take(how === "success" ? hedging.onSuccess(attempt) : hedging.onFailure(attempt, how, forever));
          }
          expect(started).toBeLessThanOrEqual(maxAttempts);
          if (finished > 0) expect([running.size, waiting]).toEqual([0, false]);
          else expect(running.size > 0 || waiting).toBe(true);
        }
      },
    ),
    { numRuns: 500 },
  );
});
