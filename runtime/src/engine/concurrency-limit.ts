// SPDX-License-Identifier: Apache-2.0

/** Bounds how many calls are in flight at once. It never queues. */
export class ConcurrencyLimit {
  #max: number;
  #inFlight = 0;

  /** Lets `max` calls be in flight. */
  constructor(max: number) {
    this.#max = max;
  }

  /** How many calls may be in flight. */
  get max(): number {
    return this.#max;
  }

  /** How many calls are in flight. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes a permit; `false` when all are taken. A permit must be returned exactly once, by {@link release}. */
  tryAcquire(): boolean {
    if (this.#inFlight >= this.#max) return false;
    this.#inFlight += 1;
    return true;
  }

  /**
   * Returns a permit.
   *
   * @throws RangeError when none is out.
   */
  release(): void {
    if (this.#inFlight === 0) throw new RangeError("a permit of a concurrency limit was returned twice");
    this.#inFlight -= 1;
  }

  /** Lets `max` calls be in flight from now on; those that are in flight beyond it finish. */
  resize(max: number): void {
    this.#max = max;
  }
}
