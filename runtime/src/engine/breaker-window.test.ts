// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BreakerWindow } from "./breaker-window.ts";

const seen = ({ total, failures, slow }: BreakerWindow): readonly number[] => [total, failures, slow];

describe("BreakerWindow", () => {
  test("counts each outcome once, a slow failure as both", () => {
    const window = new BreakerWindow(10_000, 1000);
    window.record(false, false, 0);
    window.record(true, false, 1);
    window.record(false, true, 2);
    window.record(true, true, 3);
    expect(seen(window)).toEqual([4, 2, 2]);
  });

  test("a bucket counts until the window has gone by since it began, with or without traffic", () => {
    const window = new BreakerWindow(10_000, 1000);
    window.record(true, false, 999);
    window.advance(9999);
    expect(window.total).toBe(1);
    window.advance(10_000);
    expect(window.total).toBe(0);
  });

  test("traffic in a new bucket pushes out exactly the oldest", () => {
    const window = new BreakerWindow(3000, 1000);
    for (const atMs of [0, 1000, 1500, 2000]) window.record(true, false, atMs);
    window.record(false, false, 3000);
    expect(seen(window)).toEqual([4, 3, 0]);
    window.record(false, false, 4000);
    expect(seen(window)).toEqual([3, 1, 0]);
  });

  test("clear forgets everything", () => {
    const window = new BreakerWindow(3000, 1000);
    window.record(true, true, 100);
    window.clear();
    expect(seen(window)).toEqual([0, 0, 0]);
    window.record(false, false, 100);
    expect(seen(window)).toEqual([1, 0, 0]);
  });

  test.each([0, 1, 20, 31])("a window of many buckets counts them all, after %i that have expired", (before) => {
    const window = new BreakerWindow(1000, 1);
    for (let atMs = 0; atMs < before; atMs++) window.record(true, true, atMs);
    for (let i = 0; i < 5000; i++) {
      window.record(i % 2 === 0, i % 4 === 0, 2000 + i);
      expect(window.total).toBe(Math.min(i + 1, 1000));
    }
    expect(seen(window)).toEqual([1000, 500, 250]);
  });

  test("a window that is no multiple of its buckets has one bucket more", () => {
    const window = new BreakerWindow(2500, 1000);
    window.record(true, false, 0);
    window.advance(2999);
    expect(window.total).toBe(1);
    window.advance(3000);
    expect(window.total).toBe(0);
  });

  test("equals counting by hand, over any traffic and any silence", () => {
    const step = fc.record({
      waitMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 5000 })),
      failed: fc.boolean(),
      slow: fc.boolean(),
      looks: fc.boolean(),
    });
    const shape = fc.record({ bucketMs: fc.integer({ min: 1, max: 40 }), buckets: fc.integer({ min: 1, max: 80 }) });
    fc.assert(
      fc.property(shape, fc.array(step, { maxLength: 250 }), ({ bucketMs, buckets }, steps) => {
        const window = new BreakerWindow(bucketMs * buckets, bucketMs);
        const all: { bucket: number; failed: boolean; slow: boolean }[] = [];
        let nowMs = 0;
        for (const { waitMs, failed, slow, looks } of steps) {
          nowMs += waitMs;
          const bucket = Math.floor(nowMs / bucketMs);
          if (looks) window.advance(nowMs);
          else {
            window.record(failed, slow, nowMs);
            all.push({ bucket, failed, slow });
          }
          const live = all.filter((one) => one.bucket > bucket - buckets);
          const want = [live.length, live.filter((one) => one.failed).length, live.filter((one) => one.slow).length];
          expect(seen(window)).toEqual(want);
        }
      }),
    );
  });
});
