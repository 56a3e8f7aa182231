// SPDX-License-Identifier: Apache-2.0
import { status as Status } from "@grpc/grpc-js";
import type { MethodPolicy, ServiceContract } from "@talaria/contract";
import { describe, expect, test } from "vitest";
import { BalancerConfig, type BalancerSettings, balancerConfigOf } from "./balancer-config.ts";

const outlierDetection = {
  intervalMs: 1,
  baseEjectionTimeMs: 2,
  maxEjectionTimeMs: 3,
  maxEjectionPercent: 4,
  failurePercentageThreshold: 5,
  minimumHosts: 6,
  requestVolume: 7,
};

function settingsOf(contract: Partial<ServiceContract>): BalancerSettings {
  const [config] = balancerConfigOf({
    service: "a.B",
    methods: [],
    loadBalancing: { policy: "ROUND_ROBIN" },
    ...contract,
  } as ServiceContract);
  return JSON.parse(JSON.stringify(config)).talaria;
}

function methodWith(enabled: boolean, ...failureStatusCodes: readonly string[]): MethodPolicy {
  return { circuitBreaker: { enabled, failureStatusCodes } } as unknown as MethodPolicy;
}

describe("balancerConfigOf()", () => {
  test("spreads by round_robin, watches nothing, and counts the usual codes", () => {
    expect(settingsOf({})).toEqual({
      childPolicy: { round_robin: {} },
      byReportedLoad: false,
      failureCodes: [Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED, Status.INTERNAL, Status.UNKNOWN, Status.DATA_LOSS],
    });
  });

  test("takes outlier detection and the health service from the contract", () => {
    expect(
      settingsOf({
        loadBalancing: { policy: "WEIGHTED_ROUND_ROBIN", outlierDetection },
        healthCheck: { serviceName: "a.B" },
      }),
    ).toMatchObject({
      childPolicy: { round_robin: {} },
      byReportedLoad: true,
      outlierDetection,
      healthServiceName: "a.B",
    });
  });

  test("leaves both out for pick_first, which has nowhere else to go", () => {
    const settings = settingsOf({
      loadBalancing: { policy: "PICK_FIRST", outlierDetection },
      healthCheck: { serviceName: "a.B" },
    });
    expect(Object.keys(settings)).toEqual(["childPolicy", "byReportedLoad", "failureCodes"]);
  });

  test("counts what the breakers of the methods count, all together", () => {
    const methods = [
      methodWith(true, "UNAVAILABLE", "ABORTED"),
      methodWith(true, "ABORTED", "INTERNAL"),
      methodWith(false, "NOT_FOUND"),
    ];
    expect(settingsOf({ methods }).failureCodes).toEqual([Status.UNAVAILABLE, Status.ABORTED, Status.INTERNAL]);
  });

  test.each([
    ["ROUND_ROBIN", "round_robin"],
    ["PICK_FIRST", "pick_first"],
    ["WEIGHTED_ROUND_ROBIN", "round_robin"],
  ] as const)(
    "writes for %s what is read back, since grpc-js silently falls back to pick_first otherwise",
    (policy, child) => {
      const settings = settingsOf({ loadBalancing: { policy } });
      const config = BalancerConfig.createFromJson(settings);
      expect(config.child.getLoadBalancerName()).toBe(child);
      expect(config.toJsonObject()).toEqual({ talaria: settings });
    },
  );
});
