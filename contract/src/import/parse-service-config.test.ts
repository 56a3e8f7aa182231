// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { indexMethodConfigs } from "./index-method-configs.ts";
import { parseServiceConfig } from "./parse-service-config.ts";

const retryPolicy = {
  maxAttempts: 3,
  initialBackoff: "0.100s",
  maxBackoff: "1s",
  backoffMultiplier: 1.3,
  retryableStatusCodes: ["UNAVAILABLE"],
};
const hedgingPolicy = { maxAttempts: 3, hedgingDelay: "0.050s", nonFatalStatusCodes: ["UNAVAILABLE"] };
const name = [{ service: "a.B" }];

/** What is found in one entry, as `severity code path` below the entry. */
function inEntry(entry: object): readonly string[] {
  const { problems } = parseServiceConfig({ methodConfig: [{ name, ...entry }] });
  return problems.map(({ severity, code, path }) => `${severity} ${code} ${path.replace(/^methodConfig\[0\]\.?/, "")}`);
}

function inConfig(config: unknown): readonly string[] {
  return parseServiceConfig(config).problems.map(({ severity, code, path }) => `${severity} ${code} ${path}`);
}

describe("parseServiceConfig()", () => {
  test("reads everything a config can say about a method", () => {
    const entry = { name, timeout: "0.800000000s", waitForReady: true, retryPolicy, maxRequestMessageBytes: "1024" };
    expect(parseServiceConfig({ methodConfig: [entry] })).toEqual({
      verdict: "accept",
      problems: [],
      methodConfig: [
        {
          path: "methodConfig[0]",
          names: [{ path: "methodConfig[0].name[0]", service: "a.B", method: "" }],
          timeout: { seconds: 0, nanos: 800_000_000 },
          waitForReady: true,
          retryPolicy: {
            ...retryPolicy,
            initialBackoff: { seconds: 0, nanos: 100_000_000 },
            maxBackoff: { seconds: 1, nanos: 0 },
          },
          maxRequestMessageBytes: 1024,
        },
      ],
    });
  });

  test.each([
    [{ timeout: "1s", bogus: 1 }, ["warning unknown-field bogus"]],
    [{ timeout: null, retryPolicy: null }, []],
    [{ timeout: "0.8s" }, ["warning timeout-fraction timeout"]],
    [{ timeout: "0.800000000s" }, []],
    [{ timeout: "0s" }, ["warning timeout-zero timeout"]],
    [{ timeout: 1 }, ["error duration timeout"]],
    [{ timeout: "-1s" }, ["error duration timeout"]],
    [{ waitForReady: "true" }, ["error wrong-type waitForReady"]],
    [{ maxResponseMessageBytes: -1 }, ["error wrong-type maxResponseMessageBytes"]],
    [{ name: [] }, ["warning name-missing "]],
    [{ name: [{ method: "C" }] }, ["error name-without-service name[0]"]],
    [{ name: ["a.B"] }, ["error wrong-type name[0]"]],
    [{ retryPolicy: [] }, ["error wrong-type retryPolicy"]],
    [{ retryPolicy, hedgingPolicy }, ["error retry-and-hedging "]],
    [{ retryPolicy: { ...retryPolicy, maxAttempts: 6 } }, ["warning max-attempts-clamped retryPolicy.maxAttempts"]],
    [{ retryPolicy: { ...retryPolicy, maxAttempts: 1 } }, ["error max-attempts retryPolicy.maxAttempts"]],
    [{ retryPolicy: { ...retryPolicy, maxAttempts: 2.5 } }, ["error max-attempts retryPolicy.maxAttempts"]],
    [{ retryPolicy: { ...retryPolicy, maxAttempts: "3" } }, ["error max-attempts retryPolicy.maxAttempts"]],
    [{ retryPolicy: { ...retryPolicy, maxAttempts: undefined } }, ["error max-attempts-missing retryPolicy"]],
    [{ retryPolicy: { ...retryPolicy, initialBackoff: "0s" } }, ["error duration retryPolicy.initialBackoff"]],
    [{ retryPolicy: { ...retryPolicy, maxBackoff: undefined } }, ["error backoff-missing retryPolicy"]],
    [{ retryPolicy: { ...retryPolicy, maxBackoff: ".5s" } }, ["warning duration-not-portable retryPolicy.maxBackoff"]],
    [{ retryPolicy: { ...retryPolicy, backoffMultiplier: 0 } }, ["error not-positive retryPolicy.backoffMultiplier"]],
    [{ retryPolicy: { ...retryPolicy, backoffMultiplier: undefined } }, ["error not-positive retryPolicy"]],
    [{ retryPolicy: { ...retryPolicy, retryableStatusCodes: [] } }, ["error no-retryable-codes retryPolicy"]],
    [{ retryPolicy: { ...retryPolicy, retryableStatusCodes: [14] } }, []],
    [
      { retryPolicy: { ...retryPolicy, retryableStatusCodes: ["UNAVAILABLE", "CANCELED", 17, -1] } },
      [1, 2, 3].map((index) => `error status-code retryPolicy.retryableStatusCodes[${index}]`),
    ],
    [
      { retryPolicy: { ...retryPolicy, retryableStatusCodes: ["unavailable", "OK"] } },
      [
        "warning status-code-not-portable retryPolicy.retryableStatusCodes[0]",
        "warning status-code-ok retryPolicy.retryableStatusCodes[1]",
      ],
    ],
    [{ hedgingPolicy: { ...hedgingPolicy, hedgingDelay: undefined } }, ["warning hedging-delay-missing hedgingPolicy"]],
    [{ hedgingPolicy: { maxAttempts: 1 } }, expect.arrayContaining(["error max-attempts hedgingPolicy.maxAttempts"])],
  ])("finds in the entry %j: %j", (entry, found) => {
    expect(inEntry(entry)).toEqual(found);
  });

  test.each([
    [[], ["error wrong-type "]],
    [{ methodConfig: {} }, ["error wrong-type methodConfig"]],
    [{ methodConfig: [1] }, ["error wrong-type methodConfig[0]"]],
    [{ retryThrottling: { maxTokens: 10 } }, ["error not-positive retryThrottling"]],
    [{ retryThrottling: { maxTokens: 1001, tokenRatio: 0.1 } }, ["error max-tokens retryThrottling.maxTokens"]],
    [{ retryThrottling: { maxTokens: 1.5, tokenRatio: 0.1 } }, ["error max-tokens retryThrottling.maxTokens"]],
    [{ retryThrottling: { maxTokens: 10, tokenRatio: 0.0004 } }, ["error token-ratio retryThrottling.tokenRatio"]],
    [
      { retryThrottling: { maxTokens: 10, tokenRatio: 0.1234 } },
      ["warning token-ratio-precision retryThrottling.tokenRatio"],
    ],
    [{ loadBalancingConfig: [] }, []],
    [
      { loadBalancingConfig: [{ round_robin: {}, pick_first: {} }] },
      expect.arrayContaining(["error wrong-type loadBalancingConfig[0]"]),
    ],
    [{ loadBalancingPolicy: "ROUND_ROBIN" }, ["warning older-load-balancing loadBalancingPolicy"]],
    [{ healthCheckConfig: {} }, ["warning health-check-name-missing healthCheckConfig"]],
  ])("finds in the config %j: %j", (config, found) => {
    expect(inConfig(config)).toEqual(found);
  });

  test("says where the first of two equal names is", () => {
    const { problems } = parseServiceConfig({ methodConfig: [{ name }, { name: [{}, { service: "a.B" }] }] });
    expect(problems).toMatchObject([{ code: "duplicate-name", path: "methodConfig[1].name[1]" }]);
    expect(problems[0]?.message).toContain("a.B is named twice, first at methodConfig[0].name[0]");
  });

  test("keeps what is sound in a config that clients refuse", () => {
    const config = {
      methodConfig: [{ name, timeout: "60s", retryPolicy: { ...retryPolicy, maxAttempts: undefined } }],
    };
    const { verdict, methodConfig } = parseServiceConfig(config);
    expect(verdict).toBe("reject");
    expect(methodConfig[0]?.timeout).toEqual({ seconds: 60, nanos: 0 });
    expect(methodConfig[0]?.retryPolicy).not.toHaveProperty("maxAttempts");
    expect(methodConfig[0]?.retryPolicy?.backoffMultiplier).toBe(1.3);
  });

  test("reads outlier detection alike in both dialects", () => {
    const outlierDetection = {
      intervalMs: 5000,
      baseEjectionTimeMs: 30_000,
      maxEjectionTimeMs: 300_000,
      maxEjectionPercent: 20,
      failurePercentageThreshold: 85,
      minimumHosts: 3,
      requestVolume: 50,
    };
    const { loadBalancing } = parseServiceConfig({
      loadBalancingConfig: [
        {
          outlier_detection_experimental: {
            interval: "5s",
            maxEjectionPercent: 20,
            failurePercentageEjection: { minimumHosts: 3 },
            childPolicy: [{ round_robin: {} }],
          },
        },
        {
          outlier_detection: {
            interval: { seconds: 5, nanos: 0 },
            max_ejection_percent: 20,
            failure_percentage_ejection: { minimum_hosts: 3 },
            child_policy: [{ round_robin: {} }],
          },
        },
      ],
    });
    expect(loadBalancing).toMatchObject([
      { policy: "ROUND_ROBIN", outlierDetection },
      { policy: "ROUND_ROBIN", outlierDetection },
    ]);
  });
});

describe("indexMethodConfigs()", () => {
  const find = indexMethodConfigs(
    parseServiceConfig({
      methodConfig: [
        { name: [{}], timeout: "1s" },
        { name: [{ service: "a.B" }], timeout: "2s" },
        { name: [{ service: "a.B", method: "C" }], waitForReady: true },
        { name: [{ service: "a.B" }], timeout: "4s" },
      ],
    }),
  );

  test("takes the method's entry, merging nothing into it", () => {
    expect(find("a.B", "C")).toMatchObject({ path: "methodConfig[2]", waitForReady: true });
    expect(find("a.B", "C")).not.toHaveProperty("timeout");
  });

  test("else the service's, the first of two", () => {
    expect(find("a.B", "D")?.path).toBe("methodConfig[1]");
  });

  test("else the default", () => {
    expect(find("a.X", "C")?.path).toBe("methodConfig[0]");
    expect(indexMethodConfigs({ methodConfig: [] })("a.X", "C")).toBeUndefined();
  });
});
