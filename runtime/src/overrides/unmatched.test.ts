// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { describeUnmatched, unmatchedRules } from "./unmatched.ts";

const open = [
  { service: "shop.orders.v1.OrderService", method: "GetOrder" },
  { service: "shop.orders.v1.OrderService", method: "PlaceOrder" },
  { service: "shop.stock.v1.StockService", method: "GetStock" },
];

function said(rule: { service: string; method?: string }, methods = open): string[] {
  return unmatchedRules({ reason: "r", rules: [{ ...rule, maxAttempts: 1 }] }, methods).map(describeUnmatched);
}

describe("unmatchedRules()", () => {
  test.each([
    [{ service: "*" }],
    [{ service: "*", method: "GetStock" }],
    [{ service: "shop.orders.v1.OrderService" }],
    [{ service: "shop.orders.v1.OrderService", method: "GetOrder" }],
  ])("leaves out %j", (rule) => {
    expect(said(rule)).toEqual([]);
  });

  test.each([
    [
      { service: "shop.orders.v1.OrderServce" },
      "rules[0] changes nothing so far: no client of shop.orders.v1.OrderServce is open, and it waits for one; did you mean shop.orders.v1.OrderService?",
    ],
    [
      { service: "StockService" },
      "rules[0] changes nothing so far: no client of StockService is open, and it waits for one; did you mean shop.stock.v1.StockService?",
    ],
    [
      { service: "shop.orders.v1.OrderService", method: "getOrder" },
      "rules[0] changes nothing: shop.orders.v1.OrderService has no method getOrder; did you mean GetOrder?",
    ],
    [
      { service: "*", method: "PlaceOrders" },
      "rules[0] changes nothing so far: no client of */PlaceOrders is open, and it waits for one; did you mean PlaceOrder?",
    ],
    [
      { service: "billing.v1.Billing" },
      "rules[0] changes nothing so far: no client of billing.v1.Billing is open, and it waits for one",
    ],
  ])("names what %j may have meant", (rule, words) => {
    expect(said(rule)).toEqual([words]);
  });

  test("has nothing to offer before a client is open, but for rules that concern every service", () => {
    expect(said({ service: "a.B" }, [])).toHaveLength(1);
    expect(said({ service: "*" }, [])).toEqual([]);
  });
});
