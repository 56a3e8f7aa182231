// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { parsePushback } from "./pushback.ts";

describe("parsePushback()", () => {
  test.each([[undefined], [[]]])("%j: the server said nothing", (value) => {
    expect(parsePushback(value)).toEqual({ kind: "none" });
  });

  test.each([
    ["0", 0],
    ["5", 5],
    ["0250", 250],
    [["100"], 100],
    ["2147483647", 2_147_483_647],
  ])("%j is a delay of %i ms", (value, delayMs) => {
    expect(parsePushback(value)).toEqual({ kind: "delay", delayMs });
  });

  test.each([
    [""],
    ["-1"],
    ["-0"],
    ["+5"],
    ["1.5"],
    ["1e3"],
    ["0x10"],
    [" 5"],
    ["5 "],
    ["5\n"],
    ["soon"],
    ["Infinity"],
    ["٣"],
    ["2147483648"],
    ["100, 10"],
    [["100", "10"]],
    [["100", "100"]],
    [[""]],
  ])("%j means: do not try again", (value) => {
    expect(parsePushback(value)).toEqual({ kind: "stop" });
  });
});
