// SPDX-License-Identifier: Apache-2.0
import { contractOf, type ServiceContract } from "@talaria/contract";
import { describe, expect, test } from "vitest";
import { echoService } from "../../../test/e2e/echo.ts";
import { serverOptions } from "./server-options.ts";
import { joinTerms } from "./server-terms.ts";

const defaults = contractOf(echoService({}));

function contract(service: string, changes: Partial<ServiceContract>): ServiceContract {
  return { ...defaults, service, ...changes };
}

describe("serverOptions()", () => {
  test("takes the contract's defaults", () => {
    expect(serverOptions(defaults)).toEqual({
      "grpc.max_connection_age_ms": 300_000,
      "grpc.max_connection_age_grace_ms": 30_000,
      "grpc.keepalive_time_ms": 300_000,
      "grpc.keepalive_timeout_ms": 20_000,
    });
  });

  test("says how long a connection may be idle only where the contract does", () => {
    const options = serverOptions(
      contractOf(echoService({ service: "connection { max_age_millis: 60000 max_idle_millis: 5000 }" })),
    );
    expect(options).toMatchObject({ "grpc.max_connection_age_ms": 60_000, "grpc.max_connection_idle_ms": 5000 });
  });
});

describe("the contracts of several services", () => {
  const patient = contract("a.Patient", {
    connection: { connectTimeoutMs: 1, maxAgeMs: 600_000, maxAgeGraceMs: 60_000 },
    keepalive: { timeMs: 600_000, timeoutMs: 30_000, permitWithoutCalls: false, serverMinTimeMs: 600_000 },
    drain: { noticeMs: 5000, graceMs: 90_000 },
  });
  const quick = contract("a.Quick", {
    connection: { connectTimeoutMs: 1, maxAgeMs: 60_000, maxAgeGraceMs: 1000, maxIdleMs: 9000 },
    keepalive: { timeMs: 20_000, timeoutMs: 1000, permitWithoutCalls: true, serverMinTimeMs: 10_000 },
    drain: { noticeMs: 20_000, graceMs: 2000 },
    healthCheck: { serviceName: "quick" },
  });

  test("are joined so that each keeps its promise", () => {
    expect(joinTerms([patient, quick])).toEqual({
      services: ["a.Patient", "a.Quick"],
      healthNames: ["a.Patient", "a.Quick", "quick"],
      securityMode: "PLAINTEXT",
      maxAgeMs: 60_000,
      maxAgeGraceMs: 60_000,
      maxIdleMs: 9000,
      keepaliveTimeMs: 20_000,
      keepaliveTimeoutMs: 30_000,
      minPingIntervalMs: 10_000,
      permitPingsWithoutCalls: true,
      noticeMs: 20_000,
      graceMs: 90_000,
    });
  });

  test("without drain ask for no notice, and for the grace of the maximum age", () => {
    expect(joinTerms([defaults])).toMatchObject({ noticeMs: 0, graceMs: 30_000 });
  });

  test("contradict each other when one wants TLS", () => {
    const secret = contract("a.Secret", { transportSecurity: { mode: "TLS", serverIdentity: [] } });
    expect(() => serverOptions([quick, secret])).toThrow(
      "a.Quick wants transport_security.mode PLAINTEXT and a.Secret wants TLS: serve them on two ports",
    );
  });

  test("are refused when there is none, or two of one service", () => {
    expect(() => serverOptions([])).toThrow("needs the contract of at least one service");
    expect(() => serverOptions([quick, patient, quick])).toThrow("the contract of a.Quick is given twice");
  });
});
