// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration } from "./duration.ts";
import { maxMillis } from "./limits.ts";

describe("formatDuration()", () => {
  test.each([
    [800, "0.800000000s"],
    [1, "0.001000000s"],
    [1000, "1s"],
    [1500, "1.500000000s"],
    [60_000, "60s"],
    [maxMillis, "2147483.647000000s"],
  ])("writes %d ms as %s", (millis, text) => {
    expect(formatDuration(millis)).toBe(text);
  });

  test("loses nothing, in whole seconds or nine digits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: maxMillis }), (millis) => {
        const [, seconds, nanos = "0"] = /^(\d+)(?:\.(\d{9}))?s$/.exec(formatDuration(millis)) ?? [];
        expect(Number(seconds) * 1000 + Number(nanos) / 1e6).toBe(millis);
      }),
      { seed: 1 },
    );
  });
});
