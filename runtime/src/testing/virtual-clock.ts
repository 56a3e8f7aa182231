// SPDX-License-Identifier: Apache-2.0
import type { Clock, Timer } from "../clock.ts";

interface Entry {
  readonly atMs: number;
  readonly task: () => void;
}

/**
 * A clock that stands still until it is told to move. Timers run in the order of their times, and those of one time
 * in the order they were set.
 */
export class VirtualClock implements Clock {
  #nowMs: number;
  #entries: Entry[] = [];

  /** Starts at `startMs` [0]. */
  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(task: () => void, delayMs: number): Timer {
    const entry = { atMs: this.#nowMs + Math.max(0, delayMs), task };
    const next = this.#entries.findIndex((other) => other.atMs > entry.atMs);
    this.#entries.splice(next < 0 ? this.#entries.length : next, 0, entry);
    return entry as unknown as Timer;
  }

  clearTimer(timer: Timer): void {
    const index = this.#entries.indexOf(timer as unknown as Entry);
    if (index >= 0) this.#entries.splice(index, 1);
  }

  /** How many timers are set and have not run. */
  get pendingTimers(): number {
    return this.#entries.length;
  }

  /** In how many milliseconds the next timer runs; `undefined` when none is set. */
  nextTimerInMs(): number | undefined {
    const next = this.#entries[0];
    return next === undefined ? undefined : next.atMs - this.#nowMs;
  }

  /** Moves time by `ms`, running what comes due on the way, including timers that those tasks set. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    while (this.#runNext(endMs));
    this.#nowMs = endMs;
  }

  /** As {@link advance}, but lets promises settle before each timer and at the end. */
  async advanceAsync(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    do await settled();
    while (this.#runNext(endMs));
    this.#nowMs = endMs;
  }

  /** Runs timers, and lets promises settle between them, until none is left. */
  async runToEnd(): Promise<void> {
    do await settled();
    while (this.#runNext(Number.POSITIVE_INFINITY));
  }

  #runNext(endMs: number): boolean {
    const next = this.#entries[0];
    if (next === undefined || next.atMs > endMs) return false;
    this.#entries.shift();
    this.#nowMs = next.atMs;
    next.task();
    return true;
  }
}

/** The event loop comes to immediates only when no promise and no tick is left. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
