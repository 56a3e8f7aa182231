// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { checkText } from "../check-text.ts";
import { clientConfigRequired } from "./client-config-required.ts";

const check = (exempt: string) =>
  checkText([clientConfigRequired], 'syntax = "proto3"; package shop.orders.v1; service Orders {}', {
    options: { exempt_packages: [exempt] },
  });

describe("exempt_packages", () => {
  it.each(["shop.orders.v1", "shop.orders", "shop"])("%s exempts shop.orders.v1", async (exempt) => {
    expect(await check(exempt)).toEqual([]);
  });

  it.each(["shop.orders.v", "shop.orders.v1.internal", "orders"])("%s does not", async (exempt) => {
    expect(await check(exempt)).toHaveLength(1);
  });

  it("must be a list of packages", async () => {
    await expect(check("shop/orders")).rejects.toThrow(
      'option "exempt_packages" is ["shop/orders"]; write a list of packages such as "shop.v1"',
    );
  });
});
