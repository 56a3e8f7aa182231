// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { byPriority, repeatByWeight } from "./service-records.ts";

test("byPriority() puts the lowest number first", () => {
  const record = (name: string, priority: number) => ({ name, port: 1, priority, weight: 0 });
  const groups = byPriority([record("b", 20), record("a", 10), record("c", 20)]);
  expect(groups.map((group) => group.map(({ name }) => name))).toEqual([["a"], ["b", "c"]]);
});

describe("repeatByWeight()", () => {
  const repeat = (weights: Readonly<Record<string, number>>) =>
    repeatByWeight(Object.entries(weights).map(([item, weight]) => ({ item, weight }))).join("");

  test.each([
    [{ a: 0, b: 0 }, "ab"],
    [{ a: 7, b: 7 }, "ab"],
    [{ a: 100, b: 300 }, "babb"],
    [{ a: 0, b: 5 }, "b"],
    [{}, ""],
  ])("%j is %s", (weights, expected) => {
    expect(repeat(weights)).toBe(expected);
  });

  test("holds shares to 1:10", () => {
    const list = repeat({ a: 1, b: 65_535 });
    expect(list.split("a").length - 1).toBe(1);
    expect(list.split("b").length - 1).toBe(10);
  });
});
