// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { annotation } from "../../test/contract/build-service.ts";
import { optionBytes } from "../../test/contract/option-bytes.ts";
import { forEachLeaf, lookUp } from "./declared.ts";
import { MethodClientConfigSchema } from "./gen/service_client_config_pb.ts";
import { mergeOptions } from "./merge-options.ts";
import { methodOptions } from "./option-schema.ts";
import { type DeclaredOptions, readOptions } from "./read-options.ts";

const options = optionBytes(MethodClientConfigSchema).map(
  (bytes): DeclaredOptions => readOptions(annotation(bytes), methodOptions, []) ?? new Map(),
);

describe("mergeOptions()", () => {
  test("has the empty annotation as its identity, on either side", () => {
    fc.assert(
      fc.property(options, (some) => {
        expect(mergeOptions(new Map(), some)).toEqual(some);
        expect(mergeOptions(some, new Map())).toEqual(some);
        expect(mergeOptions(undefined, some)).toBe(some);
        expect(mergeOptions(some, undefined)).toBe(some);
      }),
      { seed: 1 },
    );
  });

  test("is associative", () => {
    fc.assert(
      fc.property(options, options, options, (a, b, c) => {
        expect(mergeOptions(mergeOptions(a, b), c)).toEqual(mergeOptions(a, mergeOptions(b, c)));
      }),
      { seed: 2 },
    );
  });

  test("takes each leaf from the upper annotation when it sets it, else from the lower one", () => {
    fc.assert(
      fc.property(options, options, (base, over) => {
        const merged = mergeOptions(base, over);
        const seen = new Set<string>();
        forEachLeaf(merged, methodOptions, ({ option }, value) => {
          seen.add(option);
          expect(value).toBe(lookUp(over, option) ?? lookUp(base, option));
        });
        for (const layer of [base, over]) {
          forEachLeaf(layer, methodOptions, ({ option }) => expect(seen).toContain(option));
        }
      }),
      { seed: 3 },
    );
  });

  test("changes neither annotation", () => {
    fc.assert(
      fc.property(options, options, (base, over) => {
        const before = structuredClone([base, over]);
        mergeOptions(base, over);
        expect([base, over]).toEqual(before);
      }),
      { seed: 4 },
    );
  });

  test("replaces lists instead of joining them", () => {
    const base: DeclaredOptions = new Map([["required_headers", ["a", "b"]]]);
    const over: DeclaredOptions = new Map([["required_headers", ["c"]]]);
    expect(mergeOptions(base, over)).toEqual(over);
  });
});
