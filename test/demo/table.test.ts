// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, test } from "vitest";
import { expectEqual, expectWithin } from "../../examples/demo/check.ts";
import { exitCodeOf, type Row, tableLines } from "../../examples/demo/table.ts";

const seenAsExpected: Row = { scene: "retry", ...expectEqual("attempts at the server", 29, 29) };
const seenOtherwise: Row = { scene: "retry", ...expectEqual("attempts at the server", 20, 29) };

describe("exitCodeOf()", () => {
  test.each([
    { rows: [seenAsExpected], exitCode: 0, when: "all was seen as expected" },
    { rows: [seenAsExpected, seenOtherwise], exitCode: 1, when: "one row differs" },
    { rows: [seenOtherwise, seenAsExpected], exitCode: 1, when: "one row differs, and later ones do not" },
    { rows: [], exitCode: 1, when: "nothing was checked" },
  ])("is $exitCode when $when", ({ rows, exitCode }) => {
    expect(exitCodeOf(rows)).toBe(exitCode);
  });
});

describe("expectWithin()", () => {
  test.each([
    { seen: 789, passed: false },
    { seen: 790, passed: true },
    { seen: 1200, passed: true },
    { seen: 1201, passed: false },
    { seen: Number.NaN, passed: false },
  ])("of 790 to 1200 ms, when $seen ms are seen, is $passed", ({ seen, passed }) => {
    const check = expectWithin("caller waits", seen, { min: 790, max: 1200, unit: "ms" });
    expect(check).toEqual({ what: "caller waits", expected: "790 to 1200 ms", seen: `${seen} ms`, passed });
  });

  it("says which bound there is when there is one", () => {
    expect(expectWithin("calls", 1, { min: 50 })).toMatchObject({ expected: "at least 50", passed: false });
    expect(expectWithin("refusal", 7, { max: 5, unit: "ms" })).toMatchObject({
      expected: "at most 5 ms",
      passed: false,
    });
  });
});

describe("tableLines()", () => {
  it("marks what differs, and names a scene once", () => {
    const spread: Row = { scene: "spread", ...expectEqual("calls", "100", "100") };
    expect(tableLines([seenAsExpected, seenOtherwise, spread])).toEqual([
      "   scene   what                    expected  seen",
      "✓  retry   attempts at the server  29        29",
      "✗          attempts at the server  29        20",
      "✓  spread  calls                   100       100",
    ]);
  });
});
