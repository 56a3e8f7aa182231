// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { decodeHealthResponse, encodeHealthRequest } from "./health-message.ts";
import { healthRetryDelayMs } from "./health-watch.ts";

test("encodeHealthRequest() writes the service in field 1, and nothing for the server as a whole", () => {
  expect([...encodeHealthRequest("a.B")]).toEqual([0x0a, 3, 0x61, 0x2e, 0x42]);
  expect(encodeHealthRequest("")).toHaveLength(0);
});

describe("decodeHealthResponse()", () => {
  test.each([
    ["UNKNOWN", [], "NOT_SERVING"],
    ["SERVING", [0x08, 1], "SERVING"],
    ["NOT_SERVING", [0x08, 2], "NOT_SERVING"],
    ["SERVICE_UNKNOWN", [0x08, 3], "NOT_SERVING"],
    ["SERVING beside fields of a later version", [0x12, 1, 0x61, 0x08, 1, 0x18, 7], "SERVING"],
  ])("reads %s", (_, bytes, status) => {
    expect(decodeHealthResponse(Uint8Array.from(bytes))).toBe(status);
  });

  test("throws for what is no message", () => {
    expect(() => decodeHealthResponse(Uint8Array.from([0x08]))).toThrow();
  });
});

test("healthRetryDelayMs() is gRPC's connection backoff", () => {
  expect([1, 2, 3].map((failures) => Math.round(healthRetryDelayMs(failures, 0.5)))).toEqual([1000, 1600, 2560]);
  expect(healthRetryDelayMs(100, 0.5)).toBe(120_000);
  expect(healthRetryDelayMs(1, 0)).toBe(800);
  expect(healthRetryDelayMs(1, 0.999999)).toBeCloseTo(1200, 0);
});
