// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { SharedRegistry } from "./registry.ts";

/** Makes values that can be told apart. */
const createValue = (): object => ({});

describe("SharedRegistry", () => {
  test("clients of one target share, by key; targets do not", () => {
    const registry = new SharedRegistry<object>();
    const [a, b, other] = [registry.open("dns:///a"), registry.open("dns:///a"), registry.open("dns:///b")];
    const value = a.get("Get", createValue);
    expect(b.get("Get", createValue)).toBe(value);
    expect(b.get("List", createValue)).not.toBe(value);
    expect(other.get("Get", createValue)).not.toBe(value);
    expect(registry.size).toBe(3);
  });

  test("a target lives until its last client closes", () => {
    const registry = new SharedRegistry<object>();
    const [a, b] = [registry.open("t"), registry.open("t")];
    const value = a.get("k", createValue);
    a.close();
    a.close();
    expect(b.get("k", createValue)).toBe(value);
    expect(registry.open("t").get("k", createValue)).toBe(value);
    expect(registry.size).toBe(1);
  });

  test("after the last close nothing is left, and a new client starts afresh", () => {
    const registry = new SharedRegistry<object>();
    const a = registry.open("t");
    const value = a.get("k", createValue);
    a.close();
    expect(registry.size).toBe(0);
    expect([...registry.entries()]).toEqual([]);
    expect(registry.open("t").get("k", createValue)).not.toBe(value);
  });

  test("a closed client does not bring values back into the registry", () => {
    const registry = new SharedRegistry<object>();
    const closed = registry.open("t");
    closed.close();
    const own = closed.get("k", createValue);
    expect(closed.get("k", createValue)).toBe(own);
    expect(registry.size).toBe(0);
  });

  test("beyond its bound it shares no more, and still serves", () => {
    const registry = new SharedRegistry<object>(1);
    const [a, b] = [registry.open("t"), registry.open("t")];
    const shared = a.get("1", createValue);
    const own = a.get("2", createValue);
    expect(a.get("2", createValue)).toBe(own);
    expect(b.get("2", createValue)).not.toBe(own);
    expect(b.get("1", createValue)).toBe(shared);
    expect(registry.size).toBe(1);
    a.close();
    b.close();
    const next = registry.open("u");
    expect(registry.open("u").get("2", createValue)).toBe(next.get("2", createValue));
  });

  test("lists what is shared, for those who adjust it live", () => {
    const registry = new SharedRegistry<string>();
    registry.open("t").get("k", () => "v");
    registry.open("u").get("l", () => "w");
    expect([...registry.entries()]).toEqual([
      ["t", "k", "v"],
      ["u", "l", "w"],
    ]);
  });
});
