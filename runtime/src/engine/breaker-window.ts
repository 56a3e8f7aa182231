// SPDX-License-Identifier: Apache-2.0

/** Rooms for buckets at the start; more are made when they are needed. */
const initialCapacity = 32;

/**
 * Counts outcomes of the last `windowMs` in buckets of `bucketMs`. A bucket counts from its first millisecond until the
 * window has gone by, and expires by the clock, with or without traffic. Counting allocates nothing once the window has
 * gone by for the first time.
 */
export class BreakerWindow {
  readonly #bucketMs: number;
  readonly #bucketCount: number;
  /** A ring of the buckets that have counted something, oldest first. */
  #numbers: Float64Array<ArrayBuffer> = new Float64Array(initialCapacity);
  #totals: Uint32Array<ArrayBuffer> = new Uint32Array(initialCapacity);
  #failed: Uint32Array<ArrayBuffer> = new Uint32Array(initialCapacity);
  #slowed: Uint32Array<ArrayBuffer> = new Uint32Array(initialCapacity);
  #oldest = 0;
  #length = 0;
  /** The moment at which the newest bucket is full; spares a division for each outcome. */
  #newestEndMs: number = Number.NEGATIVE_INFINITY;
  #total = 0;
  #failures = 0;
  #slow = 0;

  constructor(windowMs: number, bucketMs: number) {
    this.#bucketMs = bucketMs;
    this.#bucketCount = Math.max(1, Math.ceil(windowMs / bucketMs));
  }

  /** Outcomes in the window, as of the last {@link record} or {@link advance}. */
  get total(): number {
    return this.#total;
  }

  /** Failures among them. */
  get failures(): number {
    return this.#failures;
  }

  /** Slow ones among them, failed or not. */
  get slow(): number {
    return this.#slow;
  }

  /** Counts one outcome. */
  record(failed: boolean, slow: boolean, nowMs: number): void {
    if (nowMs >= this.#newestEndMs) this.#openBucket(nowMs);
    const newest = (this.#oldest + this.#length - 1) & (this.#numbers.length - 1);
    this.#totals[newest] = (this.#totals[newest] ?? 0) + 1;
    this.#total += 1;
    if (failed) {
      this.#failed[newest] = (this.#failed[newest] ?? 0) + 1;
      this.#failures += 1;
    }
    if (slow) {
      this.#slowed[newest] = (this.#slowed[newest] ?? 0) + 1;
      this.#slow += 1;
    }
  }

  /** Forgets what is older than the window. */
  advance(nowMs: number): void {
    if (nowMs >= this.#newestEndMs) this.#expire(Math.floor(nowMs / this.#bucketMs));
  }

  /** Forgets everything. */
  clear(): void {
    this.#oldest = 0;
    this.#length = 0;
    this.#newestEndMs = Number.NEGATIVE_INFINITY;
    this.#total = 0;
    this.#failures = 0;
    this.#slow = 0;
  }

  #openBucket(nowMs: number): void {
    const number = Math.floor(nowMs / this.#bucketMs);
    this.#expire(number);
    if (this.#length === this.#numbers.length) this.#grow();
    const newest = (this.#oldest + this.#length) & (this.#numbers.length - 1);
    this.#numbers[newest] = number;
    this.#totals[newest] = 0;
    this.#failed[newest] = 0;
    this.#slowed[newest] = 0;
    this.#length += 1;
    this.#newestEndMs = (number + 1) * this.#bucketMs;
  }

  #expire(currentNumber: number): void {
    const oldestNumber = currentNumber - this.#bucketCount + 1;
    while (this.#length > 0 && (this.#numbers[this.#oldest] ?? 0) < oldestNumber) {
      this.#total -= this.#totals[this.#oldest] ?? 0;
      this.#failures -= this.#failed[this.#oldest] ?? 0;
      this.#slow -= this.#slowed[this.#oldest] ?? 0;
      this.#oldest = (this.#oldest + 1) & (this.#numbers.length - 1);
      this.#length -= 1;
    }
  }

  #grow(): void {
    const from = this.#oldest;
    this.#numbers = unrolled(this.#numbers, new Float64Array(this.#numbers.length * 2), from);
    this.#totals = unrolled(this.#totals, new Uint32Array(this.#totals.length * 2), from);
    this.#failed = unrolled(this.#failed, new Uint32Array(this.#failed.length * 2), from);
    this.#slowed = unrolled(this.#slowed, new Uint32Array(this.#slowed.length * 2), from);
    this.#oldest = 0;
  }
}

/** Copies a full ring that starts at `from` to the front of `target`. */
function unrolled<T extends Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(ring: T, target: T, from: number): T {
  target.set(ring.subarray(from));
  target.set(ring.subarray(0, from), ring.length - from);
  return target;
}
