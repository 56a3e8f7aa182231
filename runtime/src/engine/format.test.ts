// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { formatMs, formatShare } from "./format.ts";

test.each([
  [0, "0 ms"],
  [0.2, "1 ms"],
  [800, "800 ms"],
  [999.5, "1 s"],
  [1000, "1 s"],
  [1001, "1.1 s"],
  [7400, "7.4 s"],
  [7400.0000001, "7.4 s"],
  [20_000, "20 s"],
  [300_000, "300 s"],
])("formatMs(%d) is %s", (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});

test.each([
  [0.62, "62 %"],
  [0.5, "50 %"],
  [2 / 3, "66.7 %"],
  [1, "100 %"],
  [0.001, "0.1 %"],
])("formatShare(%d) is %s", (share, text) => {
  expect(formatShare(share)).toBe(text);
});
