// SPDX-License-Identifier: Apache-2.0
import { Script } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { literal } from "./literal.ts";

describe("literal()", () => {
  test("writes a property a line, short lists on one line, and no property that is undefined", () => {
    const contract = {
      name: "Get",
      absent: undefined,
      retry: { codes: ["UNAVAILABLE"], share: 0.2 },
      none: {},
      off: false,
    };
    expect(literal(contract)).toBe(
      `{
  name: "Get",
  retry: {
    codes: ["UNAVAILABLE"],
    share: 0.2,
  },
  none: {},
  off: false,
}`,
    );
  });

  test("writes a value a line when a list is long", () => {
    const list = ["a".repeat(40), "b".repeat(40)];
    expect(literal({ list })).toBe(`{\n  list: [\n    "${list[0]}",\n    "${list[1]}",\n  ],\n}`);
  });

  test("writes what is shared as if it were not, at whatever depth", () => {
    const group = { codes: ["UNAVAILABLE"], inner: { share: 0.2 } };
    const contract = { group, methods: [{ group }, { group, deep: { group } }, { deeper: [{ group }] }] };
    expect(literal(contract)).toBe(literal(JSON.parse(JSON.stringify(contract))));
  });

  test("leaves no line break and no end of a string to text", () => {
    expect(literal('"; evil(); //\n\u2028\u2029\\')).toBe('"\\"; evil(); //\\n\\u2028\\u2029\\\\"');
  });

  test("evaluates to the data it was made of", () => {
    const key = fc.stringMatching(/^[a-z][A-Za-z]{0,8}$/);
    const { data } = fc.letrec((tie) => ({
      data: fc.oneof(
        { depthSize: "small" },
        fc.string({ unit: "binary" }),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
        fc.boolean(),
        fc.array(tie("data")),
        fc.dictionary(key, tie("data"), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(data, (value) => {
        expect(new Script(`(${literal(value)})`).runInThisContext()).toEqual(value);
      }),
    );
  });
});
