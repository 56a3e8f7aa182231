// SPDX-License-Identifier: Apache-2.0
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ValueSchema } from "./gen/buf/plugin/option/v1/option_pb.ts";
import { choiceOption, flagOption, integerOption, numberOption, readOptions, textListOption } from "./option.ts";

const strict = flagOption({ key: "strict", description: "Be strict." });
const limit = integerOption({ key: "limit", description: "How many.", defaultValue: 7, minimum: 1, maximum: 9 });
const share = numberOption({ key: "share", description: "How much.", defaultValue: 0.5, minimum: 0, maximum: 1 });
const mode = choiceOption({ key: "mode", description: "How.", defaultValue: "fast", choices: ["fast", "slow"] });
const packages = textListOption({
  key: "packages",
  description: "Where.",
  defaultValue: [],
  pattern: /^[a-z.0-9]+$/,
  items: 'packages such as "shop.v1"',
});
const declared = [strict, limit, share, mode, packages];

type ValueInit = MessageInitShape<typeof ValueSchema>["type"];

const text = (value: string): ValueInit => ({ case: "stringValue", value });
const list = (...items: ValueInit[]): ValueInit => ({
  case: "listValue",
  value: { values: items.map((type) => ({ ...(type && { type }) })) },
});

function read(values: Readonly<Record<string, ValueInit>>) {
  return readOptions(
    declared,
    Object.entries(values).map(([key, type]) => ({ key, value: create(ValueSchema, { ...(type && { type }) }) })),
  );
}

describe("readOptions()", () => {
  it("gives defaults for what is not set", () => {
    const options = read({});
    expect(declared.map((option) => options.get<unknown>(option))).toEqual([false, 7, 0.5, "fast", []]);
  });

  it("gives what is set", () => {
    const options = read({
      strict: { case: "boolValue", value: true },
      limit: { case: "int64Value", value: 9n },
      share: { case: "int64Value", value: 1n },
      mode: text("slow"),
      packages: list(text("a.v1"), text("b")),
    });
    expect(declared.map((option) => options.get<unknown>(option))).toEqual([true, 9, 1, "slow", ["a.v1", "b"]]);
  });

  it.each<[string, ValueInit, string]>([
    ["limit", { case: "int64Value", value: 10n }, 'option "limit" is 10; write a whole number from 1 to 9'],
    ["limit", { case: "doubleValue", value: 1.5 }, 'option "limit" is 1.5; write a whole number from 1 to 9'],
    ["share", text("half"), 'option "share" is "half"; write a number from 0 to 1'],
    ["strict", text("yes"), 'option "strict" is "yes"; write true, or leave the option out'],
    ["mode", text("medium"), 'option "mode" is "medium"; write one of "fast", "slow"'],
    ["packages", text("a"), 'option "packages" is "a"; write a list of packages such as "shop.v1"'],
    ["packages", list(text("A!")), 'option "packages" is ["A!"]; write a list of packages such as "shop.v1"'],
    ["limit", undefined, 'option "limit" is empty; write a whole number from 1 to 9'],
    ["limits", text("a"), 'unknown option "limits"; the options are limit, mode, packages, share, strict'],
  ])("refuses %s: %o", (key, value, message) => {
    expect(() => read({ [key]: value })).toThrow(message);
  });

  it("lists everything that is wrong, in the same order every time", () => {
    expect(() => read({ zeal: text("a"), mode: text("b") })).toThrow(/^option "mode".*; unknown option "zeal"/);
    expect(() => read({ mode: text("b"), zeal: text("a") })).toThrow(/^option "mode".*; unknown option "zeal"/);
  });

  it("does not let a rule read an option that it does not declare", () => {
    const other = flagOption({ key: "strict", description: "Another of the same name." });
    expect(() => read({}).get(other)).toThrow('option "strict" without declaring it');
  });
});
