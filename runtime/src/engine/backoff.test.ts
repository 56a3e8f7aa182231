// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoffMs, baseBackoffMs, jitter } from "./backoff.ts";

describe("baseBackoffMs()", () => {
  test.each([
    { initial: 100, max: 1000, multiplier: 2, delays: [100, 200, 400, 800, 1000, 1000] },
    { initial: 100, max: 1000, multiplier: 1, delays: [100, 100, 100] },
    { initial: 100, max: 1000, multiplier: 0.5, delays: [100, 50, 25] },
    { initial: 500, max: 200, multiplier: 2, delays: [200, 200] },
    { initial: 2_147_483_647, max: 2_147_483_647, multiplier: 1e300, delays: [2_147_483_647, 2_147_483_647] },
  ])("$initial ms times $multiplier up to $max ms", ({ initial, max, multiplier, delays }) => {
    const policy = { initialBackoffMs: initial, maxBackoffMs: max, backoffMultiplier: multiplier };
    expect(delays.map((_, index) => baseBackoffMs(policy, index + 1))).toEqual(delays);
  });
});

describe("backoffMs()", () => {
  const policy = { initialBackoffMs: 100, maxBackoffMs: 250, backoffMultiplier: 2, backoffJitter: 0.2 };

  test.each([
    [1, 0, 80],
    [1, 0.5, 100],
    [1, 0.75, 110],
    [2, 0, 160],
    [3, 1, 300],
  ])("before retry %i a draw of %d gives %d ms", (n, draw, delayMs) => {
    expect(backoffMs(policy, n, () => draw)).toBeCloseTo(delayMs, 9);
  });

  test("takes one draw, with and without jitter", () => {
    for (const backoffJitter of [0, 0.2]) {
      let draws = 0;
      backoffMs({ ...policy, backoffJitter }, 1, () => draws++ / 10);
      expect(draws).toBe(1);
    }
  });
});

test("a jittered value stays within its share of the base", () => {
  const shares = fc.double({ min: 0, max: 1, noNaN: true });
  const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_147_483_647 }), shares, draws, (base, share, draw) => {
      const value = jitter(base, share, draw);
      expect(value).toBeGreaterThanOrEqual(base * (1 - share) * (1 - 1e-12));
      expect(value).toBeLessThanOrEqual(base * (1 + share) * (1 + 1e-12));
    }),
  );
});
