// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { candidateNames, hostsFileAddresses, parseSearchRules } from "./system-names.ts";

const pod = `nameserver 10.96.0.10
search shop.svc.cluster.local svc.cluster.local cluster.local.
options ndots:5 timeout:1
`;

describe("parseSearchRules()", () => {
  test("reads what Kubernetes gives a pod", () => {
    expect(parseSearchRules(pod)).toEqual({
      domains: ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"],
      ndots: 5,
    });
  });

  test("defaults to no search list and one dot", () => {
    expect(parseSearchRules("")).toEqual({ domains: [], ndots: 1 });
    expect(parseSearchRules("# search a.b\n;search c\nnameserver 1.1.1.1 # search x")).toEqual({
      domains: [],
      ndots: 1,
    });
  });

  test("the last search list holds, and ndots is at most 15", () => {
    expect(parseSearchRules("domain a.b\nsearch c.d\noptions ndots:99")).toEqual({ domains: ["c.d"], ndots: 15 });
  });
});

describe("candidateNames()", () => {
  const rules = parseSearchRules(pod);

  test("completes a short name before it asks for it as it is", () => {
    expect(candidateNames("orders.shop", rules)).toEqual([
      "orders.shop.shop.svc.cluster.local",
      "orders.shop.svc.cluster.local",
      "orders.shop.cluster.local",
      "orders.shop",
    ]);
  });

  test("asks for a name with enough dots as it is first", () => {
    expect(candidateNames("a.b.c.d.e.f", rules)[0]).toBe("a.b.c.d.e.f");
    expect(candidateNames("orders.shop", { domains: ["x"], ndots: 1 })).toEqual(["orders.shop", "orders.shop.x"]);
  });

  test("does not complete a name that ends in a dot", () => {
    expect(candidateNames("orders.shop.", rules)).toEqual(["orders.shop"]);
  });
});

test("hostsFileAddresses() finds every address of a name or alias", () => {
  const text = "127.0.0.1 localhost\n10.0.0.1\torders.shop orders # comment orders2\n::1 localhost ip6-localhost\n";
  expect(hostsFileAddresses(text, "LOCALHOST")).toEqual(["127.0.0.1", "::1"]);
  expect(hostsFileAddresses(text, "orders.")).toEqual(["10.0.0.1"]);
  expect(hostsFileAddresses(text, "orders2")).toEqual([]);
});
