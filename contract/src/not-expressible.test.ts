// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { compileServices, idempotent, rpc } from "../../test/contract/services.ts";
import { contractOf } from "./contract-of.ts";
import { notExpressible } from "./not-expressible.ts";

const services = compileServices({
  small: { config: "response_timeout_millis: 800" },
  all: {
    config: `response_timeout_millis: 5000 retry { per_attempt_timeout_millis: 500 backoff_jitter: 0.5 } circuit_breaker {}
      max_concurrent_requests: 100 authentication { scheme: BEARER } required_headers: "x-tenant-id" drain {}
      stream_idle_timeout_millis: 1000 load_balancing { policy: PICK_FIRST } health_check {}`,
    body: [
      rpc("Get", "", idempotent),
      rpc("Put", "retry { max_attempts: 1 } circuit_breaker { enabled: false } authentication { scheme: NONE }"),
      rpc("Set", "retry { backoff_jitter: 0.2 }"),
      rpc("Watch", "", { kind: "server_streaming" }),
    ].join("\n"),
  },
});

const listed = (name: keyof typeof services): [string, string][] =>
  notExpressible(contractOf(services[name])).map(({ option, methods }) => [option, methods?.join(" ") ?? "all"]);

describe("notExpressible()", () => {
  test("lists what concerns every connection", () => {
    expect(listed("small")).toEqual([
      ["keepalive", "all"],
      ["transport_security", "all"],
      ["connection", "all"],
      ["name_resolution", "all"],
    ]);
  });

  test("lists policies with the methods that have them on", () => {
    expect(listed("all")).toEqual([
      ["response_timeout_millis", "Watch"],
      ["stream_idle_timeout_millis", "Watch"],
      ["retry.per_attempt_timeout_millis", "Get Set Watch"],
      ["retry.backoff_jitter", "Get Watch"],
      ["retry.retryable_status_codes", "Set Watch"],
      ["circuit_breaker", "Get Set Watch"],
      ["max_concurrent_requests", "Get Put Set Watch"],
      ["authentication", "Get Set Watch"],
      ["required_headers", "Get Put Set Watch"],
      ["health_check", "all"],
      ["keepalive", "all"],
      ["transport_security", "all"],
      ["connection", "all"],
      ["name_resolution", "all"],
      ["drain", "all"],
    ]);
  });
});
