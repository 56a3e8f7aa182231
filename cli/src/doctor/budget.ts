// SPDX-License-Identifier: Apache-2.0

/** Something did not happen in time. */
export class NotInTime extends Error {
  override readonly name = "NotInTime";
  readonly limitMs: number;

  constructor(limitMs: number) {
    super(`nothing within ${Math.round(limitMs)} ms`);
    this.limitMs = limitMs;
  }
}

/** A timer of Node.js that is to run longer ends at once. */
const longestTimerMs = 2 ** 31 - 1;

/** What is left of the time that the doctor may take, and the way to end it early. */
export class Budget {
  readonly #endMs: number;
  readonly #signal: AbortSignal;

  constructor(totalMs: number, signal: AbortSignal) {
    this.#endMs = performance.now() + totalMs;
    this.#signal = signal;
  }

  /** The same end, but no later than in so many milliseconds. */
  within(ms: number): Budget {
    return new Budget(Math.min(ms, this.leftMs), this.#signal);
  }

  /** So many milliseconds more than what is left. */
  longer(ms: number): Budget {
    return new Budget(this.leftMs + ms, this.#signal);
  }

  get leftMs(): number {
    return Math.max(0, this.#endMs - performance.now());
  }

  /**
   * Waits for work. The work itself goes on: whoever started it owns what it holds.
   *
   * @throws NotInTime when the time is over; the reason of the signal when it is aborted.
   */
  async wait<T>(work: Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    // Where nobody waits any longer, its failure is nobody's.
    work.catch(() => {});
    const limitMs = this.leftMs;
    const over = Promise.withResolvers<never>();
    const onAbort = (): void => over.reject(this.#signal.reason);
    const timer = setTimeout(() => over.reject(new NotInTime(limitMs)), Math.min(limitMs, longestTimerMs));
    this.#signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([work, over.promise]);
    } finally {
      clearTimeout(timer);
      this.#signal.removeEventListener("abort", onAbort);
    }
  }
}
