// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deadlineSource, effectiveTimeoutMs } from "./deadline.ts";

const cases = [
  { name: "nothing set", caller: undefined, inherited: undefined, contract: undefined, want: Number.POSITIVE_INFINITY },
  { name: "contract alone", caller: undefined, inherited: undefined, contract: 800, want: 800, by: "contract" },
  { name: "a caller shortens", caller: 200, inherited: undefined, contract: 800, want: 200, by: "caller" },
  { name: "a caller cannot lengthen", caller: 5000, inherited: undefined, contract: 800, want: 800, by: "contract" },
  {
    name: "a caller of a method without a limit",
    caller: 200,
    inherited: undefined,
    contract: undefined,
    want: 200,
    by: "caller",
  },
  { name: "0 from a caller is nothing", caller: 0, inherited: undefined, contract: 800, want: 800, by: "contract" },
  {
    name: "less than 0 from a caller is nothing",
    caller: -1,
    inherited: 300,
    contract: 800,
    want: 300,
    by: "inherited",
  },
  {
    name: "NaN from a caller is nothing",
    caller: Number.NaN,
    inherited: undefined,
    contract: 800,
    want: 800,
    by: "contract",
  },
  { name: "inherited shortens", caller: undefined, inherited: 300, contract: 800, want: 300, by: "inherited" },
  { name: "the shortest of three", caller: 250, inherited: 300, contract: 800, want: 250, by: "caller" },
  {
    name: "inherited before caller among equals",
    caller: 300,
    inherited: 300,
    contract: 800,
    want: 300,
    by: "inherited",
  },
  { name: "contract before all among equals", caller: 800, inherited: 800, contract: 800, want: 800, by: "contract" },
  {
    name: "an inherited deadline that has passed",
    caller: 200,
    inherited: -5,
    contract: 800,
    want: 0,
    by: "inherited",
  },
  {
    name: "0 in the contract is no limit",
    caller: undefined,
    inherited: undefined,
    contract: 0,
    want: Number.POSITIVE_INFINITY,
  },
  {
    name: "passed, and no limit in the contract",
    caller: undefined,
    inherited: 0,
    contract: 0,
    want: 0,
    by: "inherited",
  },
];

describe("effectiveTimeoutMs() and deadlineSource()", () => {
  test.each(cases)("$name: $want ms", ({ caller, inherited, contract, want, by }) => {
    expect(effectiveTimeoutMs(caller, inherited, contract)).toBe(want);
    expect(deadlineSource(caller, inherited, contract)).toBe(by);
  });

  test("never longer than any limit, and exactly the limit of its source", () => {
    const limit = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined });
    fc.assert(
      fc.property(limit, limit, limit, (caller, inherited, contract) => {
        const limits = { caller, inherited, contract };
        const timeoutMs = effectiveTimeoutMs(caller, inherited, contract);
        const source = deadlineSource(caller, inherited, contract);
        for (const value of Object.values(limits)) expect(timeoutMs).toBeLessThanOrEqual(value ?? timeoutMs);
        expect(source === undefined ? Number.POSITIVE_INFINITY : limits[source]).toBe(timeoutMs);
      }),
    );
  });
});
