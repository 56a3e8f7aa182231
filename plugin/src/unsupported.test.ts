// SPDX-License-Identifier: Apache-2.0
import { inspectService } from "@talaria/contract";
import { describe, expect, test } from "vitest";
import { compileService } from "../../test/support/compile.ts";
import { findUnsupported, unsupported } from "./unsupported.ts";

/** Uses of the options that are, or once were, refused; of a service (S) or a method (M). */
const samples: readonly (readonly ["S" | "M", string, string])[] = [
  ["M", "hedging", "hedging: {hedging_delay_millis: 100}"],
  ["M", "hedging", "hedging: {}"],
  ["S", "stream_idle_timeout_millis", "stream_idle_timeout_millis: 1000"],
  ["M", "stream_idle_timeout_millis", "stream_idle_timeout_millis: 1000"],
  ["S", "stream_max_duration_millis", "stream_max_duration_millis: 1000"],
  ["M", "stream_max_duration_millis", "stream_max_duration_millis: 1000"],
  ["S", "max_concurrent_requests", "max_concurrent_requests: 10"],
  ["M", "max_concurrent_requests", "max_concurrent_requests: 10"],
  ["S", "required_headers", 'required_headers: "tenant"'],
  ["M", "required_headers", 'required_headers: ["tenant", "user"]'],
  ["S", "authentication.scheme", "authentication: {scheme: BEARER}"],
  ["M", "authentication.scheme", "authentication: {scheme: MUTUAL_TLS}"],
  ["S", "transport_security.server_identity", 'transport_security: {server_identity: "orders.shop"}'],
  ["S", "load_balancing.policy", "load_balancing: {policy: WEIGHTED_ROUND_ROBIN}"],
  ["S", "load_balancing.outlier_detection", "load_balancing: {outlier_detection: {}}"],
  ["S", "name_resolution", "name_resolution: {min_ttl_millis: 100}"],
  ["S", "health_check", "health_check: {}"],
  ["S", "drain", "drain: {}"],
];

const harmless = `
  response_timeout_millis: 800
  retry: {}
  circuit_breaker: {}
  wait_for_ready: true
  retry_throttling: {}
  load_balancing: {policy: ROUND_ROBIN}
  keepalive: {server_min_time_millis: 1000}
  transport_security: {mode: MUTUAL_TLS}
  connection: {max_age_millis: 1000}
  authentication: {scheme: NONE}
`;

function inspect(onService: string, onMethod: string) {
  return inspectService(
    compileService(
      `syntax = "proto3";
import "service_client_config.proto";
service Orders {
  option (service_client.client_config) = {${onService}};
  rpc Watch(Order) returns (stream Order) {
    option idempotency_level = IDEMPOTENT;
    option (service_client.method_config) = {${onMethod}};
  }
}
message Order {}
`,
      "Orders",
    ),
  );
}

describe("findUnsupported()", () => {
  test.each(samples)("on %s: refuses %s while it is not built, and lets it pass now: %s", (level, option, text) => {
    const inspection = level === "S" ? inspect(text, "") : inspect("", text);
    expect(findUnsupported(inspection, [{ option, missing: "obey it" }])).toEqual([
      {
        code: "unsupported-option",
        severity: "error",
        option,
        element: level === "S" ? "Orders" : "Orders.Watch",
        message:
          `${option} is not implemented in this version: clients do not obey it, so the contract would promise ` +
          "what nobody keeps. Remove the option, or update the Talaria packages.",
        location: expect.objectContaining({ file: "test.proto", line: level === "S" ? 4 : 7 }),
      },
    ]);
    expect(findUnsupported(inspection)).toEqual([]);
  });

  test("refuses single values of an option", () => {
    const weighted = { option: "load_balancing.policy", values: ["WEIGHTED_ROUND_ROBIN"], missing: "weigh" };
    const policy = (value: string) => inspect(`load_balancing: {policy: ${value}}`, "");
    expect(findUnsupported(policy("ROUND_ROBIN"), [weighted])).toEqual([]);
    expect(findUnsupported(policy("WEIGHTED_ROUND_ROBIN"), [weighted])).toMatchObject([
      { message: expect.stringContaining("load_balancing.policy WEIGHTED_ROUND_ROBIN is not implemented") },
    ]);
  });

  test("every entry of the table has a sample", () => {
    const sampled = new Set(samples.map(([, option]) => option));
    expect(unsupported.filter(({ option }) => !sampled.has(option))).toEqual([]);
  });

  test("lets pass what is built, and facts that concern servers", () => {
    expect(findUnsupported(inspect(harmless, "retry: {max_attempts: 1}"))).toEqual([]);
  });
});
