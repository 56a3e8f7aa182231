// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { checkServerIdentity } from "./check-server-identity.ts";

describe("checkServerIdentity()", () => {
  test.each([
    "orders.shop.example",
    "localhost",
    "Orders.Shop.Example",
    "orders-{shard}.shop.example",
    "{shard}",
    "{shard}.{region}.shop.example",
    "spiffe://shop.example/orders",
    "spiffe://shop.example/ns/{namespace}/sa/orders-{shard}",
    "spiffe://{trust_domain}/orders",
  ])("accepts %s", (identity) => {
    expect(checkServerIdentity(identity)).toBeUndefined();
  });

  const placeholder = "a placeholder is a letter, then letters, digits and _, between one { and one }";
  test.each([
    ["", "it is empty"],
    ["*.shop.example", "it has a wildcard; certificates may, but an expectation must be exact"],
    ["orders.shop.example:443", "it has a port, and certificates carry none"],
    ["orders shop", "it is no DNS name"],
    ["-orders.example", "it is no DNS name"],
    ["orders..example", "it is no DNS name"],
    [`${"a".repeat(64)}.example`, "it is no DNS name"],
    [`${"a.".repeat(127)}a`, "it is no DNS name"],
    ["orders-{}.example", placeholder],
    ["orders-{shard.example", placeholder],
    ["orders-shard}.example", placeholder],
    ["orders-{1}.example", placeholder],
    ["orders-{{shard}}.example", placeholder],
    ["https://shop.example/orders", "its scheme is not spiffe://"],
    ["spiffe://", 'its trust domain is not made of lower-case letters, digits, ".", "-" and "_"'],
    ["spiffe://Shop.example/orders", 'its trust domain is not made of lower-case letters, digits, ".", "-" and "_"'],
    ["spiffe://shop.example:1/orders", 'its trust domain is not made of lower-case letters, digits, ".", "-" and "_"'],
    ["spiffe://shop.example", "it names a trust domain and no workload in it"],
    ["spiffe://shop.example/", "it names a trust domain and no workload in it"],
    ["spiffe://shop.example/orders/", 'its path is not made of segments of letters, digits, ".", "-" and "_"'],
    ["spiffe://shop.example/../orders", 'its path is not made of segments of letters, digits, ".", "-" and "_"'],
    ["spiffe://shop.example/orders?x=1", 'its path is not made of segments of letters, digits, ".", "-" and "_"'],
    [`spiffe://shop.example/${"a".repeat(2048)}`, "it is longer than 2048 bytes"],
  ])("refuses %j", (identity, because) => {
    const found = checkServerIdentity(identity);
    expect(found).toMatchObject({ code: "server-identity-malformed", severity: "error" });
    expect(found?.message).toContain(`: ${because}. No certificate could match it.`);
  });
});
