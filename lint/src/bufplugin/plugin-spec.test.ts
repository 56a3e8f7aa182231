// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { exampleSpec } from "./example-spec.ts";
import { flagOption } from "./option.ts";
import { type PluginSpec, SpecError, validateSpec } from "./plugin-spec.ts";
import { lintRule, type RuleInit } from "./rule.ts";

function withRule(init: Partial<RuleInit>): PluginSpec {
  const rule = lintRule({ id: "NEW", purpose: "Checks it.", categories: ["EXAMPLE"], check: () => {}, ...init });
  return { ...exampleSpec, rules: [...exampleSpec.rules, rule] };
}

const option = (key: string) => flagOption({ key, description: "It." });

describe("validateSpec()", () => {
  it("accepts a good spec", () => {
    expect(() => validateSpec(exampleSpec)).not.toThrow();
    expect(() => validateSpec(withRule({ isDefault: false, replacedBy: ["EXAMPLE_METHOD_LIMIT"] }))).not.toThrow();
  });

  it.each<[string, PluginSpec]>([
    ['id "new_rule" must be 3 to 64 capital letters', withRule({ id: "new_rule" })],
    ['id "NO" must be 3 to 64', withRule({ id: "NO" })],
    ['id "NEW_" must be 3 to 64', withRule({ id: "NEW_" })],
    ["id EXAMPLE_METHOD_LIMIT is used twice", withRule({ id: "EXAMPLE_METHOD_LIMIT" })],
    ["id EXAMPLE is used twice", withRule({ id: "EXAMPLE" })],
    ["the purpose of NEW must be one line", withRule({ purpose: "Checks it" })],
    ["the purpose of NEW must be one line", withRule({ purpose: `C${"x".repeat(255)}.` })],
    ["rule NEW belongs to category OTHER, which is not listed", withRule({ categories: ["OTHER"] })],
    ["rule NEW is deprecated and on by default", withRule({ replacedBy: [] })],
    ["rule NEW is replaced by GONE, which does not exist", withRule({ isDefault: false, replacedBy: ["GONE"] })],
    ["rule NEW is replaced by NEW, which is deprecated itself", withRule({ isDefault: false, replacedBy: ["NEW"] })],
    ['option key "a1b" must be 3 to 64 lower-case letters', withRule({ options: [option("a1b")] })],
    ["option key method_limit is used twice", withRule({ options: [option("method_limit")] })],
    ["it has no rules", { ...exampleSpec, rules: [] }],
    [
      "no rule belongs to category EMPTY",
      { ...exampleSpec, categories: [...exampleSpec.categories, { id: "EMPTY", purpose: "Checks nothing." }] },
    ],
  ])("says %s", (problem, spec) => {
    expect(() => validateSpec(spec)).toThrow(SpecError);
    expect(() => validateSpec(spec)).toThrow(problem);
  });

  it("lists everything that is wrong", () => {
    const spec = withRule({ id: "bad", purpose: "bad" });
    expect(() => validateSpec(spec)).toThrow(
      /^the spec of buf-plugin-example is wrong: id "bad".*; the purpose of bad/,
    );
  });
});
