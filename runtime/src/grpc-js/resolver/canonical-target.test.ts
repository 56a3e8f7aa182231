// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { canonicalTarget } from "./canonical-target.ts";

test.each([
  ["dns:///orders.shop:443", ["orders.shop", "Orders.Shop:443", "dns:orders.shop", "DNS:///orders.shop:443"]],
  ["dns:///orders:50051", ["orders:50051", "static:///orders:50051"]],
  ["dns:///[::1]:50051", ["[::1]:50051", "dns:[::1]:50051"]],
  ["dns://10.0.0.2:53/orders:1", ["dns://10.0.0.2/orders:1"]],
  ["static:///a:443,b:2", ["static:///A,b:2"]],
  ["srv:///_grpc._tcp.orders.shop", ["SRV:///_grpc._tcp.Orders.shop"]],
  ["unix:/run/Orders.sock", []],
  ["transport 1", []],
  ["dns:///Orders:70000", []],
])("canonicalTarget() writes %s for the like of it", (canonical, others) => {
  expect([canonical, ...others].map(canonicalTarget)).toEqual([canonical, ...others.map(() => canonical)]);
});
