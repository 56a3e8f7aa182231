// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { CallError, isCallError } from "./error.ts";

const refusal = new CallError({
  reason: "circuit_breaker_open",
  code: Code.Unavailable,
  message: "circuit breaker open for a.B/C",
  attempts: [],
  retryAfterMs: 7400,
});

describe("CallError", () => {
  test("is a ConnectError to whatever handles those", () => {
    expect(refusal instanceof ConnectError).toBe(true);
    expect(ConnectError.from(refusal)).toBe(refusal);
    expect(refusal.message).toBe("[unavailable] circuit breaker open for a.B/C");
  });

  test("is told from a plain ConnectError", () => {
    expect(refusal instanceof CallError).toBe(true);
    expect(new ConnectError("no", Code.Unavailable) instanceof CallError).toBe(false);
    expect(isCallError(refusal)).toBe(true);
    expect(isCallError(refusal, "circuit_breaker_open")).toBe(true);
    expect(isCallError(refusal, "status")).toBe(false);
    expect(isCallError(new Error("no"))).toBe(false);
  });

  test("keeps the metadata, details and cause of the last failure", () => {
    const last = new ConnectError("gone", Code.NotFound, { "x-why": "deleted" });
    last.details = [{ type: "a.B", value: new Uint8Array([1]) }];
    const error = new CallError({ reason: "status", code: last.code, message: "gone", attempts: [], last });
    expect(error.metadata.get("x-why")).toBe("deleted");
    expect(error.details).toEqual(last.details);
    expect(error.cause).toBe(last);
  });
});
