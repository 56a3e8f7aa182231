// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { compileServices, idempotent, rpc } from "../../test/contract/services.ts";
import { contractOf } from "./contract-of.ts";
import { formatServiceConfig, serviceConfigOf } from "./service-config.ts";

const services = compileServices({
  small: { config: "response_timeout_millis: 800" },
  all: {
    config: `response_timeout_millis: 2500 retry { max_attempts: 2 retryable_status_codes: [UNAVAILABLE, ABORTED] }
      wait_for_ready: true stream_max_duration_millis: 60000 circuit_breaker {}
      retry_throttling { token_ratio: 0.1004 } health_check {}`,
    body: [
      rpc("Get"),
      rpc("Put", "retry { max_attempts: 1 } wait_for_ready: false"),
      rpc("Find", "retry { max_attempts: 1 } hedging { hedging_delay_millis: 50 }", idempotent),
      rpc("Watch", "", { kind: "server_streaming" }),
      rpc("Upload", "", { kind: "client_streaming" }),
    ].join("\n"),
  },
  streams: { config: "response_timeout_millis: 800", body: rpc("Watch", "", { kind: "bidi_streaming" }) },
  first: { config: "load_balancing { policy: PICK_FIRST }" },
  weighted: { config: "load_balancing { policy: WEIGHTED_ROUND_ROBIN outlier_detection { interval_millis: 1500 } }" },
});

describe("serviceConfigOf()", () => {
  test("writes a timeout with nine digits and names round_robin", () => {
    expect(serviceConfigOf(contractOf(services.small))).toStrictEqual({
      loadBalancingConfig: [{ round_robin: {} }],
      methodConfig: [{ name: [{ service: "test.p0.Service", method: "Get" }], timeout: "0.800000000s" }],
    });
  });

  test("writes everything into each method's entry", () => {
    const service = "test.p1.Service";
    const retryPolicy = {
      maxAttempts: 2,
      initialBackoff: "0.100000000s",
      maxBackoff: "1s",
      backoffMultiplier: 2,
      retryableStatusCodes: ["UNAVAILABLE", "ABORTED"],
    };
    const timeout = "2.500000000s";
    const entry = { waitForReady: true, retryPolicy };
    expect(serviceConfigOf(contractOf(services.all))).toStrictEqual({
      loadBalancingConfig: [{ round_robin: {} }],
      methodConfig: [
        { name: [{ service, method: "Get" }], ...entry, timeout },
        { name: [{ service, method: "Put" }], timeout },
        {
          name: [{ service, method: "Find" }],
          waitForReady: true,
          timeout,
          hedgingPolicy: { maxAttempts: 2, hedgingDelay: "0.050000000s", nonFatalStatusCodes: [] },
        },
        { name: [{ service, method: "Watch" }], ...entry, timeout: "60s" },
        { name: [{ service, method: "Upload" }], ...entry, timeout },
      ],
      retryThrottling: { maxTokens: 100, tokenRatio: 0.1 },
      healthCheckConfig: { serviceName: service },
    });
  });

  test("gives a streaming response no timeout for its first message", () => {
    expect(serviceConfigOf(contractOf(services.streams)).methodConfig[0]).not.toHaveProperty("timeout");
  });

  test("writes pick_first only where the contract says so", () => {
    expect(serviceConfigOf(contractOf(services.first)).loadBalancingConfig).toEqual([{ pick_first: {} }]);
  });

  test("writes outlier detection in both dialects, each ending in round_robin", () => {
    const children = [{ weighted_round_robin: {} }, { round_robin: {} }];
    expect(serviceConfigOf(contractOf(services.weighted)).loadBalancingConfig).toEqual([
      {
        outlier_detection_experimental: {
          interval: "1.500000000s",
          baseEjectionTime: "30s",
          maxEjectionTime: "300s",
          maxEjectionPercent: 10,
          failurePercentageEjection: { threshold: 85, enforcementPercentage: 100, minimumHosts: 5, requestVolume: 50 },
          childPolicy: children,
        },
      },
      {
        outlier_detection: {
          interval: { seconds: 1, nanos: 500_000_000 },
          base_ejection_time: { seconds: 30, nanos: 0 },
          max_ejection_time: { seconds: 300, nanos: 0 },
          max_ejection_percent: 10,
          failure_percentage_ejection: {
            threshold: 85,
            enforcement_percentage: 100,
            minimum_hosts: 5,
            request_volume: 50,
          },
          child_policy: children,
        },
      },
      ...children,
    ]);
  });
});

describe("formatServiceConfig()", () => {
  test("writes the same as indented JSON, ending in a newline", () => {
    const contract = contractOf(services.all);
    const text = formatServiceConfig(contract);
    expect(JSON.parse(text)).toEqual(serviceConfigOf(contract));
    expect(text).toMatch(/^\{\n {2}"loadBalancingConfig": \[\n/);
    expect(text.endsWith("}\n")).toBe(true);
  });
});
