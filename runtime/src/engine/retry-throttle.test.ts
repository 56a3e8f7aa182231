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

  test("tokens stay from 0 to the maximum, whatever happens", () => {
    const event = fc.constantFrom("failure", "success");
    const policy = fc.record({
      maxTokens: fc.integer({ min: 1, max: 1000 }),
      tokenRatio: fc.double({ min: 0.001, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(policy, fc.array(event, { maxLength: 200 }), ({ maxTokens, tokenRatio }, events) => {
        const throttle = new RetryThrottle({ maxTokens, tokenRatio });
        for (const next of events) {
          const before = throttle.tokens;
          if (next === "failure") throttle.onFailure();
          else throttle.onSuccess();
          expect(throttle.tokens).toBeGreaterThanOrEqual(0);
          expect(throttle.tokens).toBeLessThanOrEqual(maxTokens);
          if (next === "failure") expect(throttle.tokens).toBeCloseTo(Math.max(0, before - 1), 9);
          expect(throttle.allowsRetry).toBe(throttle.tokens > maxTokens / 2);
        }
      }),
    );
  });
});
