// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration } from "../duration.ts";
import { maxMillis } from "../limits.ts";
import { durationMillis, parseDuration } from "./parse-duration.ts";

describe("parseDuration()", () => {
  test.each([
    ["60s", 60, 0],
    ["0s", 0, 0],
    ["0.8s", 0, 800_000_000],
    ["0.800s", 0, 800_000_000],
    ["1.000000001s", 1, 1],
    [".1s", 0, 100_000_000],
    ["007s", 7, 0],
    ["315576000000s", 315_576_000_000, 0],
  ])("reads %s exactly", (text, seconds, nanos) => {
    expect(parseDuration(text)).toEqual({ seconds, nanos });
  });

  test.each(["", "s", ".s", "1.s", "1", "1 s", " 1s", "-1s", "+1s", "100ms", "1e3s", "0.1000000000s", "315576000001s"])(
    "takes %j for no duration",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  test("reads back what formatDuration() writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: maxMillis }), (millis) => {
        const duration = parseDuration(formatDuration(millis));
        expect(duration === undefined ? undefined : durationMillis(duration)).toBe(millis);
      }),
      { seed: 1 },
    );
  });
});
