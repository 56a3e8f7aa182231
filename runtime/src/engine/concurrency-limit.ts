// SPDX-License-Identifier: Apache-2.0

/**
 * Bounds how many calls are in flight at once. It never queues. All clients of a target count together, and each has the bound of
 * its own contract or override: one that is opened with a lower one binds no other.
 */
export class ConcurrencyLimit {
  #inFlight = 0;

  /** How many calls are in flight. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes a permit; `false` when `max` or more are out. A permit must be returned exactly once, by {@link release}. */
  tryAcquire(max: number): boolean {
    if (this.#inFlight >= max) return false;
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
}
