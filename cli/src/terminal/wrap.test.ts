// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { wrap } from "./wrap.ts";

test.each([
  ["", 10, [""]],
  ["  one two", 9, ["  one two"]],
  ["  one two", 8, ["  one", "    two"]],
  ["  one two three", 10, ["  one two", "    three"]],
  ["  much-longer-than-a-line x", 8, ["  much-longer-than-a-line", "    x"]],
] as const)("wrap(%j) at %i", (text, width, lines) => {
  expect(wrap(text, width, "    ")).toEqual(lines);
});
