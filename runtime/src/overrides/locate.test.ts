// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { locateJson } from "./locate.ts";

const text = `{
  "reason": "INC-7 \\"quoted\\" {[",
  "rules": [
    { "service": "*", "maxAttempts": 1 },
    {
      "service": "a.B", "nested": [[1, 2], {"x": null}] }
  ]
}
`;

describe("locateJson()", () => {
  test.each([
    ["", 1, 1],
    ["reason", 2, 3],
    ["rules", 3, 3],
    ["rules[0]", 4, 5],
    ["rules[0].maxAttempts", 4, 23],
    ["rules[1]", 5, 5],
    ["rules[1].service", 6, 7],
    ["rules[1].nested[0][1]", 6, 40],
    ["rules[1].nested[1].x", 6, 45],
  ])("finds %j", (path, line, column) => {
    expect(locateJson(text).placeOf(path)).toEqual({ line, column });
  });

  test.each([
    ['{"a": 1,}', 1, 9],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
    ['{"a": tru}', 1, 7],
    ["", 1, 1],
    ['{"a": [1, 2', 1, 12],
    ["{} {}", 1, 4],
    ["{'a': 1}", 1, 2],
    ['{"a": 01}', 1, 7],
  ])("finds where %j breaks", (broken, line, column) => {
    expect(() => JSON.parse(broken)).toThrow();
    expect(locateJson(broken).brokenAt).toEqual({ line, column });
  });

  test("goes no deeper than overrides do, or the stack would overflow", () => {
    expect(locateJson("[".repeat(100_000)).brokenAt).toEqual({ line: 1, column: 101 });
    expect(locateJson(`${"[".repeat(100)}${"]".repeat(100)}`).brokenAt).toBeUndefined();
  });

  test("agrees with JSON.parse about what is JSON", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom("", "{", "]", '"', ",", "1", "\\", "\n"), (json, at, sign) => {
        const changed = json.slice(0, at % (json.length + 1)) + sign + json.slice(at % (json.length + 1));
        let isJson = true;
        try {
          JSON.parse(changed);
        } catch {
          isJson = false;
        }
        expect(locateJson(changed).brokenAt === undefined).toBe(isJson);
      }),
    );
  });
});
