// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConcurrencyLimit } from "./concurrency-limit.ts";

describe("ConcurrencyLimit", () => {
  test("lets so many through and refuses the next, until one returns", () => {
    const limit = new ConcurrencyLimit();
    expect([limit.tryAcquire(2), limit.tryAcquire(2), limit.tryAcquire(2)]).toEqual([true, true, false]);
    limit.release();
    expect([limit.tryAcquire(2), limit.tryAcquire(2)]).toEqual([true, false]);
  });

  test("a permit returned twice is an error, and makes no room", () => {
    const limit = new ConcurrencyLimit();
    limit.tryAcquire(1);
    limit.release();
    expect(() => limit.release()).toThrow(new RangeError("a permit of a concurrency limit was returned twice"));
    expect([limit.tryAcquire(1), limit.tryAcquire(1)]).toEqual([true, false]);
  });

  test("what is in flight beyond a lower limit finishes first", () => {
    const limit = new ConcurrencyLimit();
    limit.tryAcquire(2);
    limit.tryAcquire(2);
    limit.release();
    expect(limit.tryAcquire(1)).toBe(false);
    expect(limit.tryAcquire(2)).toBe(true);
    limit.release();
    limit.release();
    expect(limit.tryAcquire(1)).toBe(true);
  });

  test("in flight is what was granted less what came back, never above the limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.boolean(), { maxLength: 100 }), (max, events) => {
        const limit = new ConcurrencyLimit();
        let granted = 0;
        for (const acquire of events) {
          if (acquire) granted += limit.tryAcquire(max) ? 1 : 0;
          else if (granted > 0) {
            limit.release();
            granted -= 1;
          }
          expect(limit.inFlight).toBe(granted);
          expect(granted).toBeLessThanOrEqual(max);
        }
      }),
    );
  });
});
