// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { MethodPolicy, ServiceContract } from "../policy.ts";
import { formatPrometheusRules } from "./format-prometheus-rules.ts";
import { grafanaDashboard } from "./grafana-dashboard.ts";
import { type AlertRule, prometheusRules } from "./prometheus-rules.ts";

const bare: MethodPolicy = {
  name: "Get",
  kind: "unary",
  idempotencyLevel: "IDEMPOTENCY_UNKNOWN",
  waitForReady: false,
  requiredHeaders: [],
};

const retry = {
  maxAttempts: 3,
  initialBackoffMs: 100,
  maxBackoffMs: 1000,
  backoffMultiplier: 2,
  backoffJitter: 0.2,
  retryableStatusCodes: ["UNAVAILABLE"],
} as const;

const circuitBreaker = {
  enabled: true,
  scope: "METHOD",
  failureRateThreshold: 0.5,
  minimumRequestThreshold: 10,
  counterSlidingWindowMs: 20000,
  counterUpdateIntervalMs: 1000,
  circuitOpenWindowMs: 10000,
  openWindowJitter: 0.2,
  trialRequestIntervalMs: 3000,
  trialRequests: 1,
  slowCallRateThreshold: 1,
  failureStatusCodes: ["UNAVAILABLE"],
} as const;

const retryThrottling = { maxTokens: 100, tokenRatio: 0.1 };

describe("prometheusRules()", () => {
  test("makes no rule of a policy that a contract does not have", () => {
    expect(alertsOf(contract("PICK_FIRST", bare))).toEqual([]);
    expect(alertsOf(contract("PICK_FIRST", { ...bare, retry: { ...retry, maxAttempts: 1 } }))).toEqual([]);
    expect(
      alertsOf(contract("PICK_FIRST", { ...bare, circuitBreaker: { ...circuitBreaker, enabled: false } })),
    ).toEqual([]);
  });

  test("takes the deadline from the contract, in seconds", () => {
    const [near, late] = alerts(contract("PICK_FIRST", { ...bare, responseTimeoutMs: 800 }));
    expect(near).toMatchObject({
      alert: "ServiceClientNearDeadline",
      expr:
        "histogram_quantile(0.99, sum by (le, server_address, server_port) " +
        '(rate(rpc_client_call_duration_bucket{rpc_method="shop.v1.Orders/Get"}[5m]))) > 0.64',
      labels: { severity: "warning", grpc_service: "shop.v1.Orders", rpc_method: "shop.v1.Orders/Get" },
    });
    expect(late?.alert).toBe("ServiceClientDeadlineExceeded");
  });

  test("leaves out percentiles that the histogram cannot show: its largest bound is 10 s, and none is larger", () => {
    expect(alertsOf(contract("PICK_FIRST", { ...bare, responseTimeoutMs: 12_499 }))).toHaveLength(2);
    expect(alertsOf(contract("PICK_FIRST", { ...bare, responseTimeoutMs: 12_500 }))).toEqual([
      "ServiceClientDeadlineExceeded",
    ]);
  });

  test("leaves out a service without methods: rules for it would concern the series of anybody", () => {
    const empty = { ...contract("ROUND_ROBIN"), service: "shop.v1.Empty", retryThrottling };
    expect(prometheusRules([empty, contract("ROUND_ROBIN", bare)])).toEqual(
      prometheusRules([contract("ROUND_ROBIN", bare)]),
    );
    expect(formatPrometheusRules(prometheusRules([empty]))).toBe("groups: []\n");
  });

  test("compares a stream with its longest duration, not with the deadline of its first message", () => {
    const stream: MethodPolicy = { ...bare, kind: "server_streaming", responseTimeoutMs: 300 };
    expect(alertsOf(contract("PICK_FIRST", stream))).toEqual([]);
    const [near] = alerts(contract("PICK_FIRST", { ...stream, streamMaxDurationMs: 5000 }));
    expect(near?.expr).toMatch(/> 4$/);
  });

  test("watches retries, breakers, throttling, limits and balance where the contract has them", () => {
    const method = { ...bare, retry, circuitBreaker, maxConcurrentRequests: 5 };
    const throttled = { ...contract("ROUND_ROBIN", method), retryThrottling };
    expect(alertsOf(throttled)).toEqual([
      "ServiceClientRetryShare",
      "ServiceClientBreakerOpen",
      "ServiceClientRetriesThrottled",
      "ServiceClientConcurrencyLimit",
      "ServiceServerImbalance",
    ]);
  });

  test("names one breaker for a service whose methods share it", () => {
    const shared = { ...circuitBreaker, scope: "SERVICE" } as const;
    const [rule] = alerts(
      contract("PICK_FIRST", { ...bare, circuitBreaker: shared }, { ...bare, name: "List", circuitBreaker: shared }),
    );
    expect(rule?.expr).toContain('{service_client_circuit_breaker_name="shop.v1.Orders"}');
  });

  test("asks for several methods by a regular expression in which dots are dots", () => {
    const [rule] = alerts(contract("ROUND_ROBIN", bare, { ...bare, name: "List" }));
    expect(rule?.expr).toContain(String.raw`rpc_method=~"shop\\.v1\\.Orders/Get|shop\\.v1\\.Orders/List"`);
  });

  test("writes metrics with their unit where a collector does", () => {
    const [rule] = alerts(contract("ROUND_ROBIN", bare), { unitSuffixes: true });
    expect(rule?.expr).toContain("rpc_server_call_duration_seconds_count");
  });
});

describe("formatPrometheusRules()", () => {
  test("writes a rule file", () => {
    const rules = prometheusRules([contract("PICK_FIRST", { ...bare, circuitBreaker })]);
    expect(formatPrometheusRules(rules)).toBe(`groups:
  - name: "shop.v1.Orders"
    rules:
      - alert: "ServiceClientBreakerOpen"
        expr: "max by (service_client_circuit_breaker_name, server_address, server_port) (service_client_circuit_breaker_state{service_client_circuit_breaker_name=\\"shop.v1.Orders/Get\\"}) >= 1"
        for: "1m"
        labels:
          severity: "critical"
          grpc_service: "shop.v1.Orders"
        annotations:
          summary: "The circuit breaker of {{ $labels.service_client_circuit_breaker_name }} is open"
          description: "Calls to {{ $labels.server_address }} are refused by a client because too many of them failed."
`);
  });

  test("writes a service without rules", () => {
    expect(formatPrometheusRules(prometheusRules([contract("PICK_FIRST", bare)]))).toBe(
      'groups:\n  - name: "shop.v1.Orders"\n    rules: []\n',
    );
  });
});

describe("grafanaDashboard()", () => {
  test("draws the deadline of each method that has one", () => {
    const dashboard = grafanaDashboard([contract("ROUND_ROBIN", { ...bare, responseTimeoutMs: 800 })]);
    const panel = dashboard.panels.find(({ title }) => title === "Latency of Get");
    expect(panel?.fieldConfig?.defaults).toMatchObject({
      thresholds: { steps: [{ value: null }, { value: 0.8 }] },
      custom: { thresholdsStyle: { mode: "line" } },
    });
  });

  test("leaves out a service without methods", () => {
    const empty = { ...contract("ROUND_ROBIN"), service: "shop.v1.Empty" };
    expect(grafanaDashboard([empty, contract("ROUND_ROBIN", bare)])).toEqual(
      grafanaDashboard([contract("ROUND_ROBIN", bare)]),
    );
  });

  test("gives each panel an id of its own, and a place where no other is", () => {
    const method = { ...bare, retry, circuitBreaker, maxConcurrentRequests: 5 };
    const { panels } = grafanaDashboard([contract("ROUND_ROBIN", method), contract("ROUND_ROBIN", method, bare)]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, { gridPos: one }] of panels.entries()) {
      const overlapping = panels
        .slice(index + 1)
        .filter(({ gridPos: other }) => one.x < other.x + other.w && other.x < one.x + one.w)
        .filter(({ gridPos: other }) => one.y < other.y + other.h && other.y < one.y + one.h);
      expect(overlapping).toEqual([]);
      expect(one.x + one.w).toBeLessThanOrEqual(24);
    }
  });

  test("names the queries of a panel by letters, however many there are", () => {
    const methods = Array.from({ length: 30 }, (_, index) => ({ ...bare, name: `Get${index}`, retry }));
    const { panels } = grafanaDashboard([contract("PICK_FIRST", ...methods)]);
    const ids = panels.find(({ title }) => title === "Share of retries and hedges")?.targets?.map(({ refId }) => refId);
    expect(ids?.slice(24)).toEqual(["Y", "Z", "AA", "AB", "AC", "AD"]);
  });

  test("is the same for the same contracts, so that importing it again replaces it", () => {
    const one = contract("ROUND_ROBIN", bare);
    expect(grafanaDashboard([one])).toEqual(grafanaDashboard([one]));
    expect(grafanaDashboard([one]).uid).not.toBe(grafanaDashboard([{ ...one, service: "shop.v1.Users" }]).uid);
  });
});

function alerts(of: ServiceContract, options?: Parameters<typeof prometheusRules>[1]): readonly AlertRule[] {
  return prometheusRules([of], options).groups.flatMap(({ rules }) => rules);
}

function alertsOf(of: ServiceContract): readonly string[] {
  return alerts(of).map(({ alert }) => alert);
}

function contract(policy: ServiceContract["loadBalancing"]["policy"], ...methods: MethodPolicy[]): ServiceContract {
  return {
    service: "shop.v1.Orders",
    methods,
    loadBalancing: { policy },
    keepalive: { timeMs: 1, timeoutMs: 1, permitWithoutCalls: false, serverMinTimeMs: 1 },
    transportSecurity: { mode: "TLS", serverIdentity: [] },
    connection: { connectTimeoutMs: 1, maxAgeMs: 1, maxAgeGraceMs: 1 },
    nameResolution: { minTtlMs: 1, maxTtlMs: 1, failureBackoffInitialMs: 1, failureBackoffMaxMs: 1 },
  };
}
