// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test, vi } from "vitest";
import { systemClock, systemRandom } from "./clock.ts";

describe("systemClock", () => {
  test("runs a task once, not before its time", async () => {
    const startedAtMs = performance.now();
    let runs = 0;
    await new Promise<void>((resolve) => {
      systemClock.setTimer(() => {
        runs += 1;
        systemClock.setTimer(resolve, 5);
      }, 0.2);
    });
    expect(runs).toBe(1);
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(4);
  });

  test("a timer that is taken back does not run", async () => {
    let ran = false;
    const timer = systemClock.setTimer(() => {
      ran = true;
    }, 1);
    systemClock.clearTimer(timer);
    await new Promise<void>((resolve) => systemClock.setTimer(resolve, 10));
    expect(ran).toBe(false);
    systemClock.clearTimer(timer);
  });

  test.each([2_147_483_648, 1e15, Number.POSITIVE_INFINITY])(
    "a delay of %d ms does not run at once",
    async (delayMs) => {
      let ran = false;
      const timer = systemClock.setTimer(() => {
        ran = true;
      }, delayMs);
      await new Promise<void>((resolve) => systemClock.setTimer(resolve, 10));
      systemClock.clearTimer(timer);
      expect(ran).toBe(false);
    },
  );

  test("rounds up, since Node would cut a fraction off and run too early", () => {
    const setTimeoutSpy = vi.spyOn(globalThis, "setTimeout");
    systemClock.clearTimer(systemClock.setTimer(() => undefined, 10.2));
    expect(setTimeoutSpy.mock.lastCall?.[1]).toBe(11);
    setTimeoutSpy.mockRestore();
  });

  test("never goes backwards", () => {
    const times = Array.from({ length: 1000 }, () => systemClock.nowMs());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

test("systemRandom draws from [0, 1)", () => {
  const draws = Array.from({ length: 1000 }, systemRandom);
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
  expect(new Set(draws).size).toBeGreaterThan(900);
});
