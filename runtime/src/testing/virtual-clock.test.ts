// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

/** Notes when tasks run. */
function createLog(clock: VirtualClock): { readonly lines: string[]; readonly note: (name: string) => () => void } {
  const lines: string[] = [];
  return { lines, note: (name) => () => lines.push(`${name}@${clock.nowMs()}`) };
}

describe("VirtualClock", () => {
  test("stands still until it is moved", () => {
    const clock = new VirtualClock(500);
    expect(clock.nowMs()).toBe(500);
    clock.advance(20);
    expect(clock.nowMs()).toBe(520);
  });

  test("runs timers in the order of their times, at their times, and equals in the order they were set", () => {
    const clock = new VirtualClock();
    const { lines, note } = createLog(clock);
    clock.setTimer(note("late"), 30);
    clock.setTimer(note("first"), 10);
    clock.setTimer(note("second"), 10);
    clock.setTimer(note("at once"), -5);
    expect(clock.nextTimerInMs()).toBe(0);
    clock.advance(29);
    expect(lines).toEqual(["at once@0", "first@10", "second@10"]);
    expect([clock.nowMs(), clock.pendingTimers, clock.nextTimerInMs()]).toEqual([29, 1, 1]);
    clock.advance(1);
    expect(lines.at(-1)).toBe("late@30");
    expect(clock.nextTimerInMs()).toBeUndefined();
  });

  test("runs timers that a task sets, when they come due on the way", () => {
    const clock = new VirtualClock();
    const { lines, note } = createLog(clock);
    clock.setTimer(() => {
      clock.setTimer(note("inner"), 5);
      clock.setTimer(note("too late"), 50);
    }, 10);
    clock.advance(20);
    expect(lines).toEqual(["inner@15"]);
  });

  test("a timer that is taken back does not run, also when taken back twice or by another task", () => {
    const clock = new VirtualClock();
    const { lines, note } = createLog(clock);
    const timer = clock.setTimer(note("never"), 10);
    clock.setTimer(() => clock.clearTimer(timer), 10);
    const early = clock.setTimer(note("never"), 5);
    clock.clearTimer(early);
    clock.clearTimer(early);
    clock.advance(5);
    clock.clearTimer(timer);
    clock.advance(100);
    expect(lines).toEqual([]);
  });

  test("advanceAsync lets promises settle between timers", async () => {
    const clock = new VirtualClock();
    const { lines, note } = createLog(clock);
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimer(resolve, ms));
    const work = async (): Promise<void> => {
      await Promise.resolve();
      await sleep(10);
      note("a")();
      await sleep(10);
      note("b")();
      await sleep(10);
      note("c")();
    };
    const done = work();
    await clock.advanceAsync(25);
    expect(lines).toEqual(["a@10", "b@20"]);
    expect(clock.nowMs()).toBe(25);
    await clock.runToEnd();
    await done;
    expect(lines.at(-1)).toBe("c@30");
  });

  test("until() moves time until a promise settles, and answers as it does", async () => {
    const clock = new VirtualClock();
    const sleep = (ms: number): Promise<number> => new Promise((resolve) => clock.setTimer(() => resolve(ms), ms));
    const later = sleep(50);
    expect(await clock.until(sleep(20).then(() => sleep(10)))).toBe(10);
    expect(clock.nowMs()).toBe(30);
    await expect(
      clock.until(
        later.then(() => {
          throw new RangeError("no");
        }),
      ),
    ).rejects.toThrow(RangeError);
    expect(clock.nowMs()).toBe(50);
    await expect(clock.until(new Promise(() => undefined))).rejects.toThrow(
      "still pending at 50 ms, and no timer is left that could change that",
    );
  });
});
