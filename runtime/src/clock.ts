// SPDX-License-Identifier: Apache-2.0

declare const timerBrand: unique symbol;

/** What {@link Clock.setTimer} returns. Only the clock that made it knows what it is. */
export interface Timer {
  readonly [timerBrand]: true;
}

/** Time as the engine sees it. */
export interface Clock {
  /** Milliseconds since an arbitrary moment; may have a fraction; never goes backwards. */
  nowMs(): number;
  /** Runs `task` once after `delayMs`. A delay above 2147483647 ms (24.8 days) counts as that. */
  setTimer(task: () => void, delayMs: number): Timer;
  /** Takes back a timer. One that has run, or was taken back before, is left alone. */
  clearTimer(timer: Timer): void;
}

/** A draw from [0, 1). */
export type Random = () => number;

/** Beyond this, `setTimeout` fires after 1 ms. */
const longestTimerMs = 2_147_483_647;

/** The monotonic clock of the process. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  // Node cuts the fraction off, and a deadline that fires early would send a shorter one than promised.
  setTimer: (task, delayMs) => setTimeout(task, Math.min(Math.ceil(delayMs), longestTimerMs)) as unknown as Timer,
  clearTimer: (timer) => clearTimeout(timer as unknown as NodeJS.Timeout),
};

/** The random numbers of the process; good enough for jitter, not for secrets. */
export const systemRandom: Random = Math.random;
