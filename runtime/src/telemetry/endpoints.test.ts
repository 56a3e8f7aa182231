// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { Endpoints } from "./endpoints.ts";

describe("Endpoints", () => {
  test.each([
    ["dns:///orders.shop.svc.cluster.local:50051", "orders.shop.svc.cluster.local", 50051],
    ["dns://10.0.0.2:53/orders:443", "orders", 443],
    ["dns:///orders", "orders", undefined],
    ["orders:443", "orders", 443],
    ["localhost:50051", "localhost", 50051],
    ["ipv4:10.0.0.1:443", "10.0.0.1", 443],
    ["ipv4:10.0.0.1:443,10.0.0.2:443", "10.0.0.1:443,10.0.0.2:443", undefined],
    ["ipv6:[::1]:443", "::1", 443],
    ["unix:/run/orders.sock", "/run/orders.sock", undefined],
    ["https://orders.example.com:8443", "orders.example.com", 8443],
    ["https://orders.example.com", "orders.example.com", undefined],
    ["transport 1", "transport 1", undefined],
  ])("take %s apart", (target, address, port) => {
    expect(new Endpoints(1).of(target)).toEqual({ target, address, port });
  });

  test("name the first so many targets, and all others alike", () => {
    const endpoints = new Endpoints(2);
    const named = ["dns:///a:1", "dns:///b:1", "dns:///c:1", "dns:///a:1"].map(
      (target) => endpoints.of(target).address,
    );
    expect(named).toEqual(["a", "b", "other", "a"]);
    expect(endpoints.of("dns:///d:1")).toEqual({ target: "other", address: "other", port: undefined });
  });
});
