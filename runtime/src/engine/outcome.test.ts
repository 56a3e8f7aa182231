// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "@talaria/contract";
import { describe, expect, test } from "vitest";
import type { FailureOrigin } from "./failure.ts";
import { breakerOutcome } from "./outcome.ts";

const failures: readonly StatusCode[] = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "DATA_LOSS"];

describe("breakerOutcome()", () => {
  test.each<[StatusCode, FailureOrigin, string]>([
    ["OK", "server", "success"],
    ["NOT_FOUND", "server", "success"],
    ["UNAVAILABLE", "server", "failure"],
    ["DEADLINE_EXCEEDED", "server", "failure"],
    ["CANCELLED", "server", "ignore"],
    ["RESOURCE_EXHAUSTED", "server", "ignore"],
    ["CANCELLED", "cancelled", "ignore"],
    ["UNAVAILABLE", "breaker", "ignore"],
    ["UNAVAILABLE", "local", "ignore"],
    ["INTERNAL", "local", "ignore"],
    ["DEADLINE_EXCEEDED", "deadline", "failure"],
    ["CANCELLED", "deadline", "failure"],
    ["CANCELLED", "attempt_timeout", "failure"],
    ["CANCELLED", "connection_lost", "failure"],
    ["RESOURCE_EXHAUSTED", "connection_lost", "failure"],
    ["INTERNAL", "unprocessed", "failure"],
  ])("%s from %s is %s", (code, origin, outcome) => {
    expect(breakerOutcome(code, origin, failures, "contract")).toBe(outcome);
    expect(breakerOutcome(code, origin, failures)).toBe(outcome);
  });

  test.each(["caller", "inherited"] as const)("a deadline that the %s shortened excuses the server", (source) => {
    expect(breakerOutcome("DEADLINE_EXCEEDED", "deadline", failures, source)).toBe("ignore");
    expect(breakerOutcome("DEADLINE_EXCEEDED", "server", failures, source)).toBe("ignore");
    expect(breakerOutcome("DEADLINE_EXCEEDED", "attempt_timeout", failures, source)).toBe("failure");
    expect(breakerOutcome("UNAVAILABLE", "server", failures, source)).toBe("failure");
    expect(breakerOutcome("OK", "server", failures, source)).toBe("success");
  });

  test("the policy's list decides", () => {
    expect(breakerOutcome("RESOURCE_EXHAUSTED", "server", ["RESOURCE_EXHAUSTED"])).toBe("failure");
    expect(breakerOutcome("RESOURCE_EXHAUSTED", "local", ["RESOURCE_EXHAUSTED"])).toBe("ignore");
    expect(breakerOutcome("INTERNAL", "server", ["NOT_FOUND"])).toBe("success");
    expect(breakerOutcome("NOT_FOUND", "server", ["NOT_FOUND"])).toBe("failure");
    expect(breakerOutcome("CANCELLED", "server", ["CANCELLED"])).toBe("ignore");
    expect(breakerOutcome("DEADLINE_EXCEEDED", "deadline", ["UNAVAILABLE"], "contract")).toBe("success");
  });
});
