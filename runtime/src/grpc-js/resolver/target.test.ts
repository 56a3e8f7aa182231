// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { authorityOf, parseTarget } from "./target.ts";

function hosts(server: string | undefined, ...addresses: readonly (readonly [string, number])[]) {
  return { kind: "hosts", server, hosts: addresses.map(([host, port]) => ({ host, port })) };
}

describe("parseTarget()", () => {
  test.each([
    ["dns:///orders.shop.svc.cluster.local:50051", hosts(undefined, ["orders.shop.svc.cluster.local", 50051])],
    ["dns:orders:50051", hosts(undefined, ["orders", 50051])],
    ["orders:50051", hosts(undefined, ["orders", 50051])],
    ["orders.shop", hosts(undefined, ["orders.shop", 443])],
    ["Orders.Shop.:1", hosts(undefined, ["orders.shop.", 1])],
    ["localhost:50051", hosts(undefined, ["localhost", 50051])],
    ["10.0.0.1:50051", hosts(undefined, ["10.0.0.1", 50051])],
    ["[::1]:50051", hosts(undefined, ["::1", 50051])],
    ["::1", hosts(undefined, ["::1", 443])],
    ["fe80::1", hosts(undefined, ["fe80::1", 443])],
    ["dns://10.0.0.2/orders:1", hosts("10.0.0.2:53", ["orders", 1])],
    ["dns://10.0.0.2:5353/orders:1", hosts("10.0.0.2:5353", ["orders", 1])],
    ["dns://[fd00::2]:53/orders:1", hosts("[fd00::2]:53", ["orders", 1])],
    ["static:///a:1,10.0.0.1:2,[::1]:3", hosts(undefined, ["a", 1], ["10.0.0.1", 2], ["::1", 3])],
    ["srv:///_grpc._tcp.orders.shop", { kind: "srv", server: undefined, name: "_grpc._tcp.orders.shop" }],
    ["srv://10.0.0.2/_grpc._tcp.orders.shop", { kind: "srv", server: "10.0.0.2:53", name: "_grpc._tcp.orders.shop" }],
  ])("reads %s", (target, expected) => {
    expect(parseTarget(target)).toEqual(expected);
  });

  test.each([
    "unix:/run/orders.sock",
    "unix:///run/orders.sock",
    "ipv4:10.0.0.1:1,10.0.0.2:2",
    "ipv6:[::1]:1",
    "xds:///orders",
  ])("leaves %s to grpc-js", (target) => {
    expect(parseTarget(target)).toBeUndefined();
  });

  test.each([
    ["dns:///:50051", '":50051" is no host and port'],
    ["dns:///orders:70000", '"orders:70000" is no host and port'],
    ["dns:///orders:http", '"orders:http" is no host and port'],
    ["dns:///or ders:1", '"or ders:1" is no host and port'],
    ["dns://ns.example.com/orders:1", '"ns.example.com" is no address of a DNS server'],
    ["static:///a:1,,b:2", '"" is no host and port'],
    ["srv:///orders.shop:50051", '"orders.shop:50051" does not name SRV records'],
  ])("refuses %s, and says why", (target, why) => {
    const parse = () => parseTarget(target);
    expect(parse).toThrow(ConnectError);
    expect(parse).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
    expect(parse).toThrow(`the target ${JSON.stringify(target)} cannot be used: ${why}`);
  });
});

describe("authorityOf()", () => {
  test.each([
    ["dns:///orders.shop:50051", "orders.shop:50051"],
    ["dns://10.0.0.2:53/orders.shop:50051", "orders.shop:50051"],
    ["orders.shop:50051", "orders.shop:50051"],
    ["static:///a:1,b:2", "a:1"],
    ["static:///a:1", "a:1"],
    ["srv:///_grpc._tcp.orders.shop", "orders.shop"],
  ])("calls the server of %s %s", (target, authority) => {
    expect(authorityOf(target)).toBe(authority);
  });
});
