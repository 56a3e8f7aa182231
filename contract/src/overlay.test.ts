// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { annotation } from "../../test/contract/build-service.ts";
import { optionBytes } from "../../test/contract/option-bytes.ts";
import { forEachLeaf, lookUp } from "./declared.ts";
import { MethodClientConfigSchema } from "./gen/service_client_config_pb.ts";
import { methodOptions, type OptionField } from "./option-schema.ts";
import { overlay, type ResolvedOptions } from "./overlay.ts";
import { type DeclaredOptions, readOptions } from "./read-options.ts";

const options = optionBytes(MethodClientConfigSchema).map(
  (bytes): DeclaredOptions => readOptions(annotation(bytes), methodOptions, []) ?? new Map(),
);

/** The options of several levels, the highest last. */
function layers(...levels: (DeclaredOptions | undefined)[]): ResolvedOptions {
  const [lowest, ...higher] = levels;
  const start = overlay(methodOptions.fields, undefined, lowest);
  return higher.reduce<ResolvedOptions>((below, level) => overlay(methodOptions.fields, below, level), start);
}

/** Calls back for every leaf of the model, with what it is: undefined where its group is off. */
function forEachResolved(
  fields: readonly OptionField[],
  resolved: ResolvedOptions | undefined,
  visit: (option: string, value: unknown, field: OptionField) => void,
): void {
  for (const field of fields) {
    const value = resolved?.[field.key];
    if (field.kind === "group") {
      forEachResolved(field.message.fields, value as ResolvedOptions | undefined, visit);
    } else {
      visit(field.option, value, field);
    }
  }
}

describe("overlay()", () => {
  test("has the empty annotation as its identity, on either side", () => {
    fc.assert(
      fc.property(options, (some) => {
        const alone = layers(some);
        for (const nothing of [undefined, new Map()]) {
          expect(layers(nothing, some)).toEqual(alone);
          expect(layers(some, nothing)).toEqual(alone);
        }
      }),
      { seed: 1 },
    );
  });

  test("takes each leaf from the highest level that sets it, else the default where its group is on", () => {
    fc.assert(
      fc.property(options, options, options, (a, b, c) => {
        const levels = [c, b, a];
        const isOn = (group: string) => group === "" || levels.some((level) => lookUp(level, group) !== undefined);
        forEachResolved(methodOptions.fields, layers(a, b, c), (option, value, field) => {
          const set = levels.map((level) => lookUp(level, option)).find((found) => found !== undefined);
          const fallback = field.kind === "leaf" && isOn(option.replace(/\.?[^.]*$/, "")) ? field.fallback : undefined;
          expect([option, value]).toEqual([option, set ?? fallback]);
        });
      }),
      { seed: 2 },
    );
  });

  test("loses nothing that an annotation sets", () => {
    fc.assert(
      fc.property(options, options, (base, over) => {
        const found = new Map<string, unknown>();
        forEachResolved(methodOptions.fields, layers(base, over), (option, value) => found.set(option, value));
        forEachLeaf(over, methodOptions, ({ option }, value) => expect(found.get(option)).toEqual(value));
      }),
      { seed: 3 },
    );
  });

  test("changes neither side, and keeps what the annotation does not touch", () => {
    fc.assert(
      fc.property(options, options, (base, over) => {
        const below = layers(base);
        const before = structuredClone([below, over]);
        const above = overlay(methodOptions.fields, below, over);
        expect([below, over]).toEqual(before);
        for (const { name, key } of methodOptions.fields.filter((field) => !over.has(field.name))) {
          expect([name, above[key]]).toEqual([name, below[key]]);
          expect(above[key] === below[key]).toBe(true);
        }
      }),
      { seed: 4 },
    );
  });

  test("replaces lists instead of joining them", () => {
    const list = (...names: string[]): DeclaredOptions => new Map([["required_headers", names]]);
    expect(layers(list("a", "b"), list("c"))).toMatchObject({ requiredHeaders: ["c"] });
  });
});
