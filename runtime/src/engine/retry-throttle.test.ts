// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RetryThrottle } from "./retry-throttle.ts";

describe("RetryThrottle", () => {
  test("starts full, and allows retries only above half", () => {
    const throttle = new RetryThrottle({ maxTokens: 4, tokenRatio: 0.8 });
    expect(throttle.tokens).toBe(4);
    throttle.onFailure();
    expect(throttle).toMatchObject({ tokens: 3, allowsRetry: true });
    throttle.onFailure();
    expect(throttle).toMatchObject({ tokens: 2, allowsRetry: false });
    throttle.onSuccess();
    expect(throttle).toMatchObject({ tokens: 2.8, allowsRetry: true });
  });

  test("an odd size allows retries above its exact half", () => {
    expect(new RetryThrottle({ maxTokens: 5, tokenRatio: 1 }, 2.5).allowsRetry).toBe(false);
    expect(new RetryThrottle({ maxTokens: 5, tokenRatio: 1 }, 2.501).allowsRetry).toBe(true);
  });

  test.each([
    [0.5466, 0.546],
    [0.1, 0.1],
    [0.283, 0.283],
    [0.57, 0.57],
    [0.001, 0.001],
    [0.0019, 0.001],
    [1.001, 1.001],
    [2.3, 2.3],
  ])("a ratio of %d counts as %d", (tokenRatio, counted) => {
    const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio }, 0);
    throttle.onSuccess();
    expect(throttle.tokens).toBe(counted);
  });

  test("does not drift: ten thousand tenths are a thousand", () => {
    const throttle = new RetryThrottle({ maxTokens: 1000, tokenRatio: 0.1 }, 0);
    for (let i = 0; i < 9_999; i++) throttle.onSuccess();
    expect(throttle.tokens).toBe(999.9);
  });

  test("keeps how full it is when its size changes", () => {
    const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 0.1 }, 6);
    throttle.reconfigure({ maxTokens: 100, tokenRatio: 0.5 });
    expect(throttle.tokens).toBe(60);
    throttle.onSuccess();
    expect(throttle.tokens).toBe(60.5);
    throttle.reconfigure({ maxTokens: 3, tokenRatio: 0.5 });
    expect(throttle.tokens).toBe(1.815);
  });

  test("tokens stay from 0 to the maximum, whatever happens", () => {
    const event = fc.oneof(
      fc.constant("failure" as const),
      fc.constant("success" as const),
      fc.record({
        maxTokens: fc.integer({ min: 1, max: 1000 }),
        tokenRatio: fc.double({ min: 0.001, max: 50, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.array(event, { maxLength: 200 }), (size, events) => {
        let maxTokens = size;
        const throttle = new RetryThrottle({ maxTokens, tokenRatio: 0.7 });
        for (const next of events) {
          const before = throttle.tokens;
          if (next === "failure") throttle.onFailure();
          else if (next === "success") throttle.onSuccess();
          else throttle.reconfigure(next);
          if (typeof next === "object") maxTokens = next.maxTokens;
          expect(throttle.tokens).toBeGreaterThanOrEqual(0);
          expect(throttle.tokens).toBeLessThanOrEqual(maxTokens);
          if (next === "failure") expect(throttle.tokens).toBeCloseTo(Math.max(0, before - 1), 9);
          expect(throttle.allowsRetry).toBe(throttle.tokens > maxTokens / 2);
        }
      }),
    );
  });
});
