// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { type FamilyAnswer, formatAddress, joinFamilies, sameAddresses, shorterTtlMs } from "./answer.ts";

const none: FamilyAnswer = { kind: "none", error: new Error("none") };
const failed: FamilyAnswer = { kind: "failed", error: new Error("failed") };

function records(...found: readonly (readonly [address: string, ttl?: number])[]): FamilyAnswer {
  return {
    kind: "records",
    records: found.map(([address, ttl]) => (ttl === undefined ? { address } : { address, ttl })),
  };
}

describe("joinFamilies()", () => {
  test("takes both families, and the shortest time to live", () => {
    expect(joinFamilies(records(["10.0.0.1", 30], ["10.0.0.2", 5]), records(["fd00::1", 60]), [])).toEqual({
      addresses: [{ host: "10.0.0.1" }, { host: "10.0.0.2" }, { host: "fd00::1" }],
      ttlMs: 5000,
    });
  });

  test("is content with one family, if the other has none", () => {
    expect(joinFamilies(records(["10.0.0.1", 30]), none, [{ host: "fd00::1" }])).toEqual({
      addresses: [{ host: "10.0.0.1" }],
      ttlMs: 30_000,
    });
  });

  test("keeps what a family had that could not be asked", () => {
    const before = [{ host: "10.0.0.9" }, { host: "fd00::1" }];
    expect(joinFamilies(records(["10.0.0.1", 30]), failed, before)).toMatchObject({
      addresses: [{ host: "10.0.0.1" }, { host: "fd00::1" }],
    });
    expect(joinFamilies(failed, records(["fd00::2", 30]), before)).toMatchObject({
      addresses: [{ host: "fd00::2" }, { host: "10.0.0.9" }],
    });
  });

  test.each([
    [none, none, "none"],
    [none, failed, "failed"],
    [failed, none, "failed"],
    [failed, failed, "failed"],
    [records(), records(), "the answer is empty"],
  ])("without an address it is an error, and not knowing wins over none", (v4, v6, message) => {
    expect(joinFamilies(v4, v6, [{ host: "10.0.0.1" }])).toEqual(new Error(message));
  });

  test("takes records without a time to live, as Node returns after the 256th", () => {
    expect(joinFamilies(records(["10.0.0.1", 7], ["10.0.0.2"]), none, [])).toMatchObject({ ttlMs: 7000 });
    expect(joinFamilies(records(["10.0.0.1"]), none, [])).toMatchObject({ ttlMs: undefined });
    expect(joinFamilies(records(["10.0.0.1", 0]), none, [])).toMatchObject({ ttlMs: 0 });
  });
});

test("sameAddresses() does not look at the order, but at how often", () => {
  const a = { host: "10.0.0.1", port: 1 };
  const b = { host: "10.0.0.1", port: 2 };
  expect(sameAddresses([a, b], [b, a])).toBe(true);
  expect(sameAddresses([a, b], [a])).toBe(false);
  expect(sameAddresses([a, a, b], [a, b, b])).toBe(false);
  expect(sameAddresses([], [])).toBe(true);
});

test("shorterTtlMs() takes the known one", () => {
  expect([shorterTtlMs(1, 2), shorterTtlMs(undefined, 2), shorterTtlMs(1, undefined)]).toEqual([1, 2, 1]);
  expect(shorterTtlMs(undefined, undefined)).toBeUndefined();
});

test("formatAddress() brackets IPv6", () => {
  expect(formatAddress({ host: "fd00::1", port: 443 })).toBe("[fd00::1]:443");
  expect(formatAddress({ host: "10.0.0.1", port: 443 })).toBe("10.0.0.1:443");
  expect(formatAddress({ host: "10.0.0.1" })).toBe("10.0.0.1");
});
