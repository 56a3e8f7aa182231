// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  type BreakerRefusal,
  CallError,
  type CallErrorOf,
  type ExpiredTimeout,
  type FailureReason,
  isCallError,
} from "./error.ts";

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

describe("isCallError()", () => {
  const breaker: BreakerRefusal = {
    breaker: "a.B/C",
    state: "OPEN",
    held: true,
    trip: undefined,
    windowMs: undefined,
    nextTrialInMs: undefined,
  };

  /** What a handler of errors says, without a question mark for what is always there. */
  function say(error: unknown): string {
    if (isCallError(error, "circuit_breaker_open")) {
      expectTypeOf(error.reason).toEqualTypeOf<"circuit_breaker_open">();
      expectTypeOf(error.breaker).toEqualTypeOf<BreakerRefusal>();
      return `${error.breaker.breaker} is ${error.breaker.state}`;
    }
    if (isCallError(error, "attempt_timeout")) {
      expectTypeOf(error.timeout).toEqualTypeOf<ExpiredTimeout>();
      return `${error.timeout.timeoutMs} ms`;
    }
    if (isCallError(error, "deadline_exceeded")) {
      // A signal may have told of it, without the time.
      expectTypeOf(error.timeout).toEqualTypeOf<ExpiredTimeout | undefined>();
    }
    return isCallError(error) ? error.reason : "none";
  }

  test("narrows to the fields that are set for a reason", () => {
    const timeout: ExpiredTimeout = { timeoutMs: 300, setBy: "contract" };
    const failure = { code: Code.Unavailable, message: "no", attempts: [] };
    expect(say(new CallError({ ...failure, reason: "circuit_breaker_open", breaker }))).toBe("a.B/C is OPEN");
    expect(say(new CallError({ ...failure, reason: "attempt_timeout", timeout }))).toBe("300 ms");
    expect(say(new CallError({ ...failure, reason: "status" }))).toBe("status");
    expect(say(new Error("no"))).toBe("none");
  });

  test("leaves a CallError that failed for another reason what it is", () => {
    const other = (error: CallError): FailureReason => (isCallError(error, "cancelled") ? "local" : error.reason);
    expect(other(refusal)).toBe("circuit_breaker_open");
  });

  test("takes a reason that may be absent, as it ever did", () => {
    const of = (reason: FailureReason | undefined): boolean => isCallError(refusal, reason);
    expect([of(undefined), of("circuit_breaker_open"), of("local")]).toEqual([true, true, false]);
  });

  test("has a type for several reasons, which a switch tells apart", () => {
    const ms = (error: CallErrorOf<"stream_timeout" | "circuit_breaker_open">): number =>
      error.reason === "stream_timeout" ? error.timeout.timeoutMs : (error.breaker.nextTrialInMs ?? 0);
    const error = new CallError({
      reason: "stream_timeout",
      code: Code.DeadlineExceeded,
      message: "late",
      attempts: [],
      timeout: { timeoutMs: 300, setBy: "contract" },
    });
    expect(isCallError(error, "stream_timeout") && ms(error)).toBe(300);
    expectTypeOf<CallErrorOf<FailureReason>>().toExtend<CallError>();
  });
});
