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
  readonly #entries: Entry[] = [];

  /** Starts at `startMs` [0]. */
  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  /** The time of this clock, in milliseconds. */
  nowMs(): number {
    return this.#nowMs;
  }

  /** Runs `task` once, when the clock has been moved by `delayMs`. */
  setTimer(task: () => void, delayMs: number): Timer {
    const entry = { atMs: this.#nowMs + Math.max(0, delayMs), task };
    // From the end, since most timers are later than those that are set.
    let position = this.#entries.length;
    while (position > 0 && (this.#entries[position - 1]?.atMs ?? 0) > entry.atMs) position -= 1;
    this.#entries.splice(position, 0, entry);
    return entry as unknown as Timer;
  }

  /** Takes back a timer. One that has run, or was taken back before, is left alone. */
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

  /**
   * Moves time until a promise settles, and answers as it does.
   *
   * ```ts
   * const order = await clock.until(client.getOrder({ id: "1" }));
   * ```
   *
   * @throws Error when no timer is left and the promise is still pending: it would wait forever.
   */
  async until<T>(promise: PromiseLike<T>): Promise<T> {
    let pending = true;
    const done = (): void => {
      pending = false;
    };
    promise.then(done, done);
    do {
      await settled();
      if (!pending) return promise;
    } while (this.#runNext(Number.POSITIVE_INFINITY));
    throw new Error(`still pending at ${this.#nowMs} ms, and no timer is left that could change that`);
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

// Kept from the beginning, for those who replace the timers of the process in their tests.
const { setImmediate } = globalThis;

/** The event loop comes to immediates only when no promise and no tick is left. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
