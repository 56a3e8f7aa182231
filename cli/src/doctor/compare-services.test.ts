// SPDX-License-Identifier: Apache-2.0
import type { DescService } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { compileService } from "../../../test/support/compile.ts";
import { compareServices } from "./compare-services.ts";

const text = `syntax = "proto3";
package shop.v1;
import "service_client_config.proto";
enum Kind { KIND_UNSPECIFIED = 0; }
message Item { string sku = 1; Item part = 2; }
message Order { int32 amount = 1; repeated Item items = 2; map<string, int32> counts = 3; Kind kind = 4;
  map<int32, Item> byShelf = 5; }
message Receipt { string id = 1; }
service Orders {
  option (service_client.client_config) = { response_timeout_millis: 800 };
  rpc Get(Order) returns (Receipt);
}
`;
const local = compile(text);

function compile(written: string): DescService {
  return compileService(written, "shop.v1.Orders");
}

describe("compareServices()", () => {
  test("finds nothing between a service and itself", () => {
    expect(compareServices(local, compile(text))).toEqual([]);
  });

  test("takes a message with nothing in it for its defaults written out", () => {
    const [empty, written] = ["retry {}", "retry { max_attempts: 3 }"].map((retry) =>
      compile(text.replace("millis: 800", `millis: 800 ${retry}`)),
    );
    expect(empty && written && compareServices(empty, written)).toEqual([]);
  });

  test.each<[string, string, string, string, string]>([
    [
      "another request",
      "Get(Order)",
      "Get(Item)",
      "problem",
      "Get: the request is shop.v1.Order here, shop.v1.Item on the server",
    ],
    [
      "another response",
      "returns (Receipt)",
      "returns (Item)",
      "problem",
      "Get: the response is shop.v1.Receipt here, shop.v1.Item on the server",
    ],
    [
      "a response that streams",
      "returns (Receipt)",
      "returns (stream Receipt)",
      "problem",
      "Get: unary here, server streaming on the server",
    ],
    [
      "a field of another type, deep within",
      "string sku = 1",
      "double sku = 1",
      "problem",
      "Get: shop.v1.Item.sku = 1 is string here, double on the server",
    ],
    [
      "a list that is none",
      "repeated Item items",
      "Item items",
      "problem",
      "Get: shop.v1.Order.items = 2 is repeated shop.v1.Item here, shop.v1.Item on the server",
    ],
    [
      "a map of others",
      "map<string, int32>",
      "map<string, string>",
      "problem",
      "Get: shop.v1.Order.counts = 3 is a map of string to int32 here, a map of string to string on the server",
    ],
    [
      "a map with other keys",
      "map<string, int32>",
      "map<int64, int32>",
      "problem",
      "Get: shop.v1.Order.counts = 3 is a map of string to int32 here, a map of int64 to int32 on the server",
    ],
    [
      "a map to messages with other keys",
      "map<int32, Item>",
      "map<fixed32, Item>",
      "problem",
      "Get: shop.v1.Order.byShelf = 5 is a map of int32 to shop.v1.Item here, a map of fixed32 to shop.v1.Item on the server",
    ],
    [
      "another idempotency",
      "(Receipt);",
      "(Receipt) { option idempotency_level = IDEMPOTENT; }",
      "warning",
      "Get: idempotency_level differs, and with it what may be retried",
    ],
    [
      "another deadline",
      "millis: 800",
      "millis: 700",
      "warning",
      "Get: response_timeout_millis is 800 ms here, 700 ms on the server",
    ],
    [
      "an option of the connection",
      "millis: 800",
      "millis: 800 keepalive { timeout_millis: 5 }",
      "warning",
      "keepalive.timeout_millis is 20000 ms here, 5 ms on the server",
    ],
    [
      "no contract",
      "option (service_client.client_config) = { response_timeout_millis: 800 };",
      "",
      "warning",
      "the server's descriptor says nothing about clients: it was built before the contract, or leaves options out",
    ],
  ])("finds %s", (_, from, to, verdict, message) => {
    expect(text).toContain(from);
    expect(compareServices(local, compile(text.replace(from, to)))).toEqual([{ verdict, message }]);
  });

  test.each([
    ["a field more on the server", "string sku = 1;", "string sku = 1; bytes extra = 9;"],
    ["a type that reads the same bytes", "int32 amount", "uint64 amount"],
    ["a string that may be any bytes", "string sku", "bytes sku"],
    ["a map with keys that read the same bytes", "map<int32, Item>", "map<uint64, Item>"],
    ["an enum as its number", "Kind kind", "int32 kind"],
  ])("passes over %s", (_, from, to) => {
    expect(text).toContain(from);
    expect(compareServices(local, compile(text.replace(from, to)))).toEqual([]);
  });
});
