// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Timed } from "./timed.ts";

let ended: string[];

class Probe extends Timed {
  readonly #name: string;
  readonly #onEnd: (() => void) | undefined;

  constructor(name: string, timeoutMs: number, onEnd?: () => void) {
    super();
    this.#name = name;
    this.#onEnd = onEnd;
    this.startTimer(timeoutMs);
  }

  stop(): void {
    this.stopTimer();
  }

  protected onTimeUp(): void {
    ended.push(`${this.#name} ${Math.round(performance.now() - startMs)}`);
    this.#onEnd?.();
  }
}

let startMs: number;

beforeEach(() => {
  vi.useFakeTimers();
  startMs = performance.now();
  ended = [];
});

afterEach(() => {
  vi.runAllTimers();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test("ends each when its own time is up, whenever it began", () => {
  new Probe("a", 100);
  vi.advanceTimersByTime(40);
  new Probe("b", 100);
  new Probe("c", 30);
  vi.advanceTimersByTime(1000);
  expect(ended).toEqual(["c 70", "a 100", "b 140"]);
});

test("ends none that was stopped: the first, one between, the last, or twice", () => {
  const probes = ["a", "b", "c", "d", "e"].map((name) => new Probe(name, 100));
  for (const index of [0, 2, 4, 2]) {
    probes[index]?.stop();
  }
  new Probe("f", 100);
  vi.advanceTimersByTime(1000);
  expect(ended).toEqual(["b 100", "d 100", "f 100"]);
});

test("needs one timer for all that have the same time, also when they come one after the other", () => {
  for (let i = 0; i < 50; i++) {
    new Probe("a", 100).stop();
    vi.advanceTimersByTime(1);
    new Probe("b", 100);
    expect(vi.getTimerCount()).toBe(1);
  }
});

test("a time that is used again after its timer has run out is kept", () => {
  new Probe("a", 100).stop();
  vi.advanceTimersByTime(150);
  expect(vi.getTimerCount()).toBe(0);
  new Probe("b", 100);
  vi.advanceTimersByTime(1000);
  expect(ended).toEqual(["b 250"]);
});

test("keeps few timers that nobody waits for, however many times there are", () => {
  for (let i = 1; i <= 1000; i++) {
    new Probe("a", 10_000 + i).stop();
  }
  expect(vi.getTimerCount()).toBeLessThanOrEqual(64);
});

test("one that is stopped or begun by the end of another is treated as such", () => {
  const later = new Probe("a", 200);
  new Probe("b", 100, () => {
    later.stop();
    new Probe("c", 100);
  });
  vi.advanceTimersByTime(1000);
  expect(ended).toEqual(["b 100", "c 200"]);
});

test("one whose end fails keeps none of the others from theirs", () => {
  new Probe("a", 100, () => {
    throw new Error("no");
  });
  new Probe("b", 100);
  expect(() => vi.advanceTimersByTime(100)).toThrow("no");
  vi.advanceTimersByTime(1000);
  expect(ended.map((end) => end.split(" ")[0])).toEqual(["a", "b"]);
});

test("does not wait for timers that were faked, once they are real again", async () => {
  new Probe("a", 20).stop();
  vi.useRealTimers();
  new Probe("b", 20);
  await expect.poll(() => ended.length).toBe(1);
  vi.useFakeTimers();
});

test("asks for no time before now after a stall", async () => {
  vi.useRealTimers();
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  new Probe("a", 20, () => {
    // The next was due long ago when this one is done.
    const untilMs = performance.now() + 60;
    while (performance.now() < untilMs);
  });
  await sleep(10);
  new Probe("b", 20);
  await expect.poll(() => ended.length).toBe(2);
  await sleep(1);
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
  vi.useFakeTimers();
});
