// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildService } from "../../test/contract/build-service.ts";
import { optionBytes } from "../../test/contract/option-bytes.ts";
import { compileServices, idempotent, rpc } from "../../test/contract/services.ts";
import { MethodClientConfigSchema, ServiceClientConfigSchema } from "./gen/service_client_config_pb.ts";
import { inspectService } from "./inspect-service.ts";
import type { ServiceContract } from "./policy.ts";

const services = compileServices({
  silent: { body: rpc("Get") },
  empty: { config: "", body: rpc("Get") },
  blocks: {
    config: `retry {} circuit_breaker {} retry_throttling {} authentication {} health_check {} drain {}
      load_balancing { outlier_detection {} }`,
    body: rpc("Get", "hedging {}"),
  },
  inherited: {
    config: `response_timeout_millis: 800 retry { max_attempts: 2 initial_backoff_millis: 50 retryable_status_codes: [ABORTED, UNAVAILABLE] }
      required_headers: ["a", "b"] wait_for_ready: true`,
    body: [
      rpc("Get"),
      rpc("Put", 'retry { max_backoff_millis: 70 } required_headers: "c" wait_for_ready: false', idempotent),
      rpc("Off", "retry { max_attempts: 1 retryable_status_codes: INTERNAL }"),
      rpc("Own", "circuit_breaker { trial_requests: 2 }"),
    ].join("\n"),
  },
  streams: {
    config: "response_timeout_millis: 0 stream_idle_timeout_millis: 5 stream_max_duration_millis: 6",
    body: [
      rpc("Unary", "response_timeout_millis: 7"),
      rpc("Server", "", { kind: "server_streaming" }),
      rpc("Client", "response_timeout_millis: 8", { kind: "client_streaming" }),
      rpc("Bidi", "response_timeout_millis: 9 stream_idle_timeout_millis: 10", { kind: "bidi_streaming" }),
    ].join("\n"),
  },
  named: { config: 'health_check { service_name: "" }', body: "" },
});

const contractOf = (name: keyof typeof services): ServiceContract => inspectService(services[name]).contract;

const facts = {
  loadBalancing: { policy: "ROUND_ROBIN" },
  keepalive: { timeMs: 300_000, timeoutMs: 20_000, permitWithoutCalls: false, serverMinTimeMs: 300_000 },
  transportSecurity: { mode: "TLS", serverIdentity: [] },
  connection: { connectTimeoutMs: 5000, maxAgeMs: 300_000, maxAgeGraceMs: 30_000 },
  nameResolution: {
    minTtlMs: 1000,
    maxTtlMs: 30_000,
    failureBackoffInitialMs: 1000,
    failureBackoffMaxMs: 30_000,
  },
};

const silentMethod = {
  name: "Get",
  kind: "unary",
  idempotencyLevel: "IDEMPOTENCY_UNKNOWN",
  waitForReady: false,
  requiredHeaders: [],
};

const defaultRetry = {
  maxAttempts: 3,
  initialBackoffMs: 100,
  maxBackoffMs: 1000,
  backoffMultiplier: 2,
  backoffJitter: 0.2,
  retryableStatusCodes: ["UNAVAILABLE"],
};

describe("resolveContract()", () => {
  test("keeps policies off and connection facts at their defaults where nothing is said", () => {
    expect(contractOf("silent")).toStrictEqual({ service: "test.p0.Service", methods: [silentMethod], ...facts });
    expect(contractOf("empty")).toStrictEqual({ service: "test.p1.Service", methods: [silentMethod], ...facts });
  });

  test("switches a policy on, with all its defaults, by an empty block", () => {
    expect(contractOf("blocks")).toStrictEqual({
      service: "test.p2.Service",
      methods: [
        {
          ...silentMethod,
          retry: defaultRetry,
          circuitBreaker: {
            enabled: true,
            scope: "METHOD",
            failureRateThreshold: 0.5,
            minimumRequestThreshold: 10,
            counterSlidingWindowMs: 20_000,
            counterUpdateIntervalMs: 1000,
            circuitOpenWindowMs: 10_000,
            openWindowJitter: 0.2,
            trialRequestIntervalMs: 3000,
            trialRequests: 1,
            slowCallRateThreshold: 1,
            failureStatusCodes: ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "DATA_LOSS"],
          },
          hedging: { maxAttempts: 2, nonFatalStatusCodes: [] },
          authentication: { scheme: "NONE" },
        },
      ],
      ...facts,
      loadBalancing: {
        policy: "ROUND_ROBIN",
        outlierDetection: {
          intervalMs: 10_000,
          baseEjectionTimeMs: 30_000,
          maxEjectionTimeMs: 300_000,
          maxEjectionPercent: 10,
          failurePercentageThreshold: 85,
          minimumHosts: 5,
          requestVolume: 50,
        },
      },
      retryThrottling: { maxTokens: 100, tokenRatio: 0.1 },
      healthCheck: { serviceName: "test.p2.Service" },
      drain: { noticeMs: 20_000, graceMs: 30_000 },
    });
  });

  test("lets a method override its service leaf by leaf", () => {
    const [get, put, off, own] = contractOf("inherited").methods;
    const base = {
      ...defaultRetry,
      maxAttempts: 2,
      initialBackoffMs: 50,
      retryableStatusCodes: ["ABORTED", "UNAVAILABLE"],
    };
    expect(get).toMatchObject({ responseTimeoutMs: 800, retry: base, requiredHeaders: ["a", "b"], waitForReady: true });
    expect(put).toMatchObject({ retry: { ...base, maxBackoffMs: 70 }, requiredHeaders: ["c"], waitForReady: false });
    expect(put?.idempotencyLevel).toBe("IDEMPOTENT");
    expect(off?.retry).toStrictEqual({ ...base, maxAttempts: 1, retryableStatusCodes: ["INTERNAL"] });
    expect(get).not.toHaveProperty("circuitBreaker");
    expect(own?.circuitBreaker).toMatchObject({ trialRequests: 2, failureRateThreshold: 0.5 });
  });

  test("gives stream times to streaming responses only, and takes 0 for no limit there", () => {
    expect(contractOf("streams").methods).toEqual([
      { ...silentMethod, name: "Unary", responseTimeoutMs: 7 },
      { ...silentMethod, name: "Server", kind: "server_streaming", streamIdleTimeoutMs: 5, streamMaxDurationMs: 6 },
      { ...silentMethod, name: "Client", kind: "client_streaming", responseTimeoutMs: 8 },
      {
        ...silentMethod,
        name: "Bidi",
        kind: "bidi_streaming",
        responseTimeoutMs: 9,
        streamIdleTimeoutMs: 10,
        streamMaxDurationMs: 6,
      },
    ]);
  });

  test("keeps an empty health check name, which asks for the whole server", () => {
    expect(contractOf("named").healthCheck).toStrictEqual({ serviceName: "" });
  });

  test("makes plain data: what has no error survives JSON unchanged", () => {
    fc.assert(
      fc.property(optionBytes(ServiceClientConfigSchema), optionBytes(MethodClientConfigSchema), (config, own) => {
        const service = buildService(config, [{ name: "Get", kind: "bidi_streaming", config: own }, { name: "Put" }]);
        const { contract, diagnostics } = inspectService(service);
        if (!diagnostics.some(({ code }) => code === "out-of-range")) {
          expect(JSON.parse(JSON.stringify(contract))).toStrictEqual(contract);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test("gives a method that says nothing what it would get from its service's words on itself", () => {
    fc.assert(
      fc.property(optionBytes(MethodClientConfigSchema), (bytes) => {
        // A method's annotation is a service's annotation but for hedging, which is field 7.
        const onService = inspectService(buildService(bytes, [{ name: "Get" }])).contract.methods;
        const onMethod = inspectService(buildService(undefined, [{ name: "Get", config: bytes }])).contract.methods;
        const { hedging: _, ...policy } = onMethod[0] ?? {};
        expect(onService).toEqual([policy]);
      }),
      { seed: 2 },
    );
  });
});
