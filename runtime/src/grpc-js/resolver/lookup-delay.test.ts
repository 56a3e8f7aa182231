// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { drawJitter, lookupDelayMs } from "./lookup-delay.ts";

const policy = { minTtlMs: 1000, maxTtlMs: 30_000, failureBackoffInitialMs: 500, failureBackoffMaxMs: 4000 };

describe("lookupDelayMs()", () => {
  test.each([
    [0, 1000],
    [1000, 1000],
    [5000, 5000],
    [30_000, 30_000],
    [3_600_000, 30_000],
    [undefined, 30_000],
  ])("an answer that holds for %s ms is asked for again after %i ms", (ttlMs, delayMs) => {
    expect(lookupDelayMs({ kind: "answer", ttlMs }, policy)).toBe(delayMs);
  });

  test.each([
    [1, 500],
    [2, 1000],
    [3, 2000],
    [4, 4000],
    [5, 4000],
    [5000, 4000],
  ])("after %i failures in a row it waits %i ms", (count, delayMs) => {
    expect(lookupDelayMs({ kind: "failure", count }, policy)).toBe(delayMs);
  });
});

test("drawJitter() stays within 10 %", () => {
  expect(drawJitter(() => 0)).toBeCloseTo(0.9);
  expect(drawJitter(() => 0.5)).toBeCloseTo(1);
  expect(drawJitter(() => 0.999999)).toBeLessThan(1.1);
});
