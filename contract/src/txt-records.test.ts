// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { compileServices, rpc } from "../../test/contract/services.ts";
import { ContractError } from "./contract-error.ts";
import { contractOf } from "./contract-of.ts";
import { serviceConfigOf } from "./service-config.ts";
import { formatTxtRecords } from "./txt-records.ts";

const services = compileServices({
  orders: {
    config: "response_timeout_millis: 800 retry {}",
    body: ["Get", "Put", "Set"].map((name) => rpc(name)).join("\n"),
  },
  dispatch: { config: "response_timeout_millis: 300" },
  named: { config: 'health_check { service_name: "Bestellungen für 🚲" }' },
  first: { config: "load_balancing { policy: PICK_FIRST } retry { } retry_throttling { }" },
  huge: {
    config: "response_timeout_millis: 800",
    body: Array.from({ length: 1000 }, (_, n) => rpc(`Method${n}`)).join("\n"),
  },
});
const orders = contractOf(services.orders);
const dispatch = contractOf(services.dispatch);

describe("formatTxtRecords()", () => {
  test("writes one choice for every client, for the name and for _grpc_config. before it", () => {
    const [bare, prefixed] = formatTxtRecords([orders], "orders.shop.example");
    expect(bare?.name).toBe("orders.shop.example");
    expect(prefixed).toEqual({ name: "_grpc_config.orders.shop.example", strings: bare?.strings });
    const text = bare?.strings.join("") ?? "";
    expect(text.slice(0, 12)).toBe("grpc_config=");
    expect(JSON.parse(text.slice(12))).toEqual([{ serviceConfig: serviceConfigOf(orders) }]);
  });

  test("splits into strings of 255 bytes at most", () => {
    const lengths = formatTxtRecords([orders], "orders.shop.example")[0]?.strings.map((part) => part.length) ?? [];
    expect(lengths.length).toBeGreaterThan(2);
    expect(lengths.slice(0, -1)).toEqual(lengths.slice(1).map(() => 255));
    expect(lengths.at(-1)).toBeLessThanOrEqual(255);
  });

  test("writes ASCII, and the same JSON", () => {
    const named = contractOf(services.named);
    const text = formatTxtRecords([named], "a.example")[0]?.strings.join("") ?? "";
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(text.slice(12))).toEqual([{ serviceConfig: serviceConfigOf(named) }]);
  });

  test("joins the methods of all services at the name", () => {
    const text = formatTxtRecords([orders, dispatch], "shop.example")[0]?.strings.join("") ?? "";
    expect(JSON.parse(text.slice(12))[0].serviceConfig.methodConfig).toEqual(
      [orders, dispatch].flatMap((contract) => serviceConfigOf(contract).methodConfig),
    );
  });

  test("refuses services that disagree about the whole target", () => {
    const run = (): unknown => formatTxtRecords([orders, contractOf(services.first)], "shop.example");
    expect(run).toThrow(ContractError);
    expect(run).toThrow(/test\.p3\.Service says something else about load_balancing .* at shop\.example/);
    expect(run).toThrow(/about retry_throttling/);
  });

  test("refuses what does not fit in a DNS answer, and nothing at all", () => {
    expect(() => formatTxtRecords([contractOf(services.huge)], "a.example")).toThrow(
      /The service config for a\.example has \d+ bytes, and a DNS answer carries 65000 at most/,
    );
    expect(() => formatTxtRecords([], "a.example")).toThrow("No contract was given for a.example");
  });
});
