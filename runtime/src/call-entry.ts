// SPDX-License-Identifier: Apache-2.0
import type { Clock, Timer } from "./clock.ts";

/**
 * Where a call goes in, once interceptors let it. Its time runs since it was made: one that they hold for longer fails without
 * them.
 */
export class CallEntry {
  readonly #clock: Clock;
  readonly #madeAtMs: number;
  #entered = false;
  #timer: Timer | undefined;
  #late: Promise<never> | undefined;

  /** The call is made. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#madeAtMs = clock.nowMs();
  }

  /** How long ago the call was made, in milliseconds. */
  get elapsedMs(): number {
    return this.#clock.nowMs() - this.#madeAtMs;
  }

  /** An interceptor lets it in. Returns its failure when that is too late. */
  enter(): Promise<never> | undefined {
    this.#entered = true;
    this.#stopTimer();
    return this.#late;
  }

  /**
   * What interceptors answer, or how the call fails while they hold it. Those that let it in at once cost no timer.
   *
   * @param timeoutMs How long a call may take that was made so many milliseconds ago. Asked for when somebody holds it;
   * `Infinity`: as long as it likes.
   * @param fail Fails the call, whose time was up after so many milliseconds.
   */
  watch<T>(
    answer: Promise<T>,
    timeoutMs: (elapsedMs: number) => number,
    fail: (elapsedMs: number) => Promise<never>,
  ): Promise<T> {
    const limitMs = this.#entered ? Number.POSITIVE_INFINITY : timeoutMs(this.elapsedMs);
    if (limitMs === Number.POSITIVE_INFINITY) {
      return answer;
    }
    const { promise: late, reject } = Promise.withResolvers<never>();
    this.#timer = this.#clock.setTimer(
      () => {
        this.#late = fail(Math.max(limitMs, this.elapsedMs));
        this.#late.catch(reject);
      },
      Math.max(0, limitMs - this.elapsedMs),
    );
    return Promise.race([answer, late]).finally(() => this.#stopTimer());
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) {
      this.#clock.clearTimer(this.#timer);
      this.#timer = undefined;
    }
  }
}
