// SPDX-License-Identifier: Apache-2.0
import { Client, credentials, experimental } from "@grpc/grpc-js";
import { extractAndSelectServiceConfig } from "@grpc/grpc-js/build/src/service-config.js";
import {
  contractOf,
  formatServiceConfig,
  formatTxtRecords,
  type LoadBalancingConfig,
  serviceConfigOf,
} from "@talaria/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileServices, idempotent, rpc } from "./services.ts";
import { soundServices } from "./sound-services.ts";

/** Opens a channel, whose constructor validates the service config, and closes it before it connects. */
function loadInto(serviceConfig: string): void {
  new Client("dns:///localhost:1", credentials.createInsecure(), {
    "grpc.service_config": serviceConfig,
    "grpc.service_config_disable_resolution": 1,
  }).close();
}

const everything = compileServices({
  one: {
    config: `response_timeout_millis: 2500 retry { max_attempts: 2 retryable_status_codes: [UNAVAILABLE, ABORTED] }
      wait_for_ready: true stream_max_duration_millis: 60000 retry_throttling { token_ratio: 0.125 } health_check {}
      load_balancing { policy: WEIGHTED_ROUND_ROBIN outlier_detection { interval_millis: 1500 } }`,
    body: [
      rpc("Get"),
      rpc("Find", "retry { max_attempts: 1 } hedging { hedging_delay_millis: 50 }", idempotent),
      rpc("Watch", "", { kind: "server_streaming" }),
    ].join("\n"),
  },
}).one;

describe("emitted service config in grpc-js", () => {
  const text = formatServiceConfig(contractOf(everything));

  test("passes its validator", () => {
    expect(() => loadInto(text)).not.toThrow();
  });

  // Why: these show that the validator looks at what is emitted, so that passing it means something.
  test.each([
    ["a duration without digits", /"1s"/, '"s"'],
    ["one attempt", /"maxAttempts": 2/, '"maxAttempts": 1'],
    ["a code that does not exist", /"ABORTED"/, '"ABORTION"'],
    ["a bucket without tokens", /"maxTokens": 100/, '"maxTokens": 0'],
    ["two entries for a method", /"Watch"/, '"Get"'],
    ["a timeout in milliseconds", /"timeout": "60s"/, '"timeout": "60000ms"'],
  ])("would not pass with %s", (_, what, instead) => {
    const broken = text.replace(what, instead);
    expect(broken).not.toBe(text);
    expect(() => loadInto(broken)).toThrow();
  });

  test("passes its validator whatever the contract is", () => {
    fc.assert(
      fc.property(soundServices, (service) => {
        loadInto(formatServiceConfig(contractOf(service)));
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test("has outlier detection with the contract's numbers, over the contract's policy", () => {
    const known = firstKnown(serviceConfigOf(contractOf(everything)).loadBalancingConfig);
    expect(known).toMatchObject({
      intervalMs: 1500,
      baseEjectionTimeMs: 30_000,
      failurePercentageEjection: { threshold: 85, enforcement_percentage: 100, minimum_hosts: 5, request_volume: 50 },
      successRateEjection: null,
    });
    expect(namesOf(known)).toEqual(["outlier_detection", "weighted_round_robin"]);
  });

  test("balances as the contract says, whatever the contract is", () => {
    fc.assert(
      fc.property(soundServices, (service) => {
        const contract = contractOf(service);
        const { policy, outlierDetection } = contract.loadBalancing;
        const outer = outlierDetection === undefined ? [] : ["outlier_detection"];
        const known = firstKnown(serviceConfigOf(contract).loadBalancingConfig);
        expect(namesOf(known)).toEqual([...outer, policy.toLowerCase()]);
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  test("is what a client finds in the TXT record", () => {
    for (const { strings } of formatTxtRecords([contractOf(everything)], "orders.shop.example")) {
      const found = extractAndSelectServiceConfig([[...strings]], 99.9);
      expect(found?.methodConfig.map(({ timeout }) => timeout)).toEqual([
        { seconds: 2, nanos: 500_000_000 },
        { seconds: 2, nanos: 500_000_000 },
        { seconds: 60, nanos: 0 },
      ]);
      expect(found?.retryThrottling).toEqual({ maxTokens: 100, tokenRatio: 0.125 });
    }
  });
});

interface Known {
  getLoadBalancerName(): string;
  getChildPolicy?(): Known;
}

/** The entry that grpc-js takes from the list. */
function firstKnown(list: readonly LoadBalancingConfig[]): Known {
  const known = experimental.selectLbConfigFromList(structuredClone([...list]));
  if (known === null) {
    throw new Error("grpc-js knows none of them and would silently take pick_first");
  }
  return known;
}

/** The name of a policy and of the one inside it. */
function namesOf(policy: Known): readonly string[] {
  const child = policy.getChildPolicy?.();
  return [policy.getLoadBalancerName(), ...(child === undefined ? [] : namesOf(child))];
}
