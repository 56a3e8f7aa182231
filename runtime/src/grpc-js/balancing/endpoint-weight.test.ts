// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { EndpointWeight, weightRules } from "./endpoint-weight.ts";

const { blackoutMs, expirationMs } = weightRules;
const half = { callsPerSecond: 100, errorsPerSecond: 0, utilization: 0.5 };

describe("the weight of an endpoint", () => {
  test("is the calls that it could serve, errors counted against it", () => {
    const weight = new EndpointWeight();
    weight.report(half, 0);
    expect(weight.at(blackoutMs)).toBe(200);
    weight.report({ ...half, errorsPerSecond: 50 }, blackoutMs);
    expect(weight.at(blackoutMs)).toBe(100);
  });

  test("is not known before it has reported for 10 s, nor after it is connected anew", () => {
    const weight = new EndpointWeight();
    expect(weight.at(0)).toBeUndefined();
    weight.report(half, 1000);
    expect(weight.at(blackoutMs)).toBeUndefined();
    expect(weight.at(1000 + blackoutMs)).toBe(200);
    weight.restart();
    weight.report(half, 20_000);
    expect(weight.at(20_000 + blackoutMs - 1)).toBeUndefined();
    expect(weight.at(20_000 + blackoutMs)).toBe(200);
  });

  test("is forgotten when it has not reported for three minutes, and learnt again", () => {
    const weight = new EndpointWeight();
    weight.report(half, 0);
    expect(weight.at(expirationMs - 1)).toBe(200);
    expect(weight.at(expirationMs)).toBeUndefined();
    weight.report(half, expirationMs);
    expect(weight.at(expirationMs + blackoutMs - 1)).toBeUndefined();
    expect(weight.at(expirationMs + blackoutMs)).toBe(200);
  });

  test.each([
    ["no calls", { ...half, callsPerSecond: 0 }],
    ["no utilization", { ...half, utilization: 0 }],
    ["too many errors to count", { callsPerSecond: 1e-320, errorsPerSecond: 10, utilization: 0.5 }],
    ["too many calls to count", { callsPerSecond: 1e308, errorsPerSecond: 0, utilization: 1e-10 }],
  ])("is not changed by a report of %s", (_, report) => {
    const weight = new EndpointWeight();
    weight.report(half, 0);
    weight.report(report, 1);
    expect(weight.at(blackoutMs)).toBe(200);
  });
});
