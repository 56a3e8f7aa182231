// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { parseOverrides } from "./overrides.ts";

describe("parseOverrides()", () => {
  test("takes overrides that say why and what", () => {
    const overrides = {
      reason: "INC-7",
      rules: [
        { service: "*", circuitBreaker: "open" },
        { service: "a.B", method: "C", maxAttempts: 1 },
      ],
    };
    expect(parseOverrides(overrides)).toEqual({ kind: "valid", overrides });
  });

  test.each([
    [null, "", "must be an object"],
    [{ rules: [] }, "reason", "is missing"],
    [{ reason: "", rules: [] }, "reason", "must be a text"],
    [{ reason: "r", rules: {} }, "rules", "must be a list"],
    [{ reason: "r", rules: [], because: 1 }, "because", "is unknown; known are reason, rules, allowLessSafe"],
    [{ reason: "r", rules: [{ maxAttempts: 1 }] }, "rules[0].service", "is missing"],
    [{ reason: "r", rules: [{ service: "*" }] }, "rules[0]", "changes nothing"],
    [{ reason: "r", rules: [{ service: "*", maxAttempts: 6 }] }, "rules[0].maxAttempts", "1 to 5"],
    [{ reason: "r", rules: [{ service: "*", responseTimeoutMs: 1.5 }] }, "rules[0].responseTimeoutMs", "whole number"],
    [
      { reason: "r", rules: [{ service: "*", circuitBreaker: "ajar" }] },
      "rules[0].circuitBreaker",
      '"open" or "closed"',
    ],
    [{ reason: "r", rules: [{ service: "*", circuitBreaker: "closed" }] }, "rules[0].circuitBreaker", "allowLessSafe"],
    [{ reason: "r", rules: [{ service: "*", __proto__x: 1 }] }, "rules[0].__proto__x", "is unknown"],
  ])("refuses %j", (json, path, message) => {
    const parsed = parseOverrides(json);
    expect(parsed).toEqual({ kind: "invalid", problems: [{ path, message: expect.stringContaining(message) }] });
  });

  test("lists everything that is wrong", () => {
    const parsed = parseOverrides({ reason: "r", rules: [{ service: "*", maxAttempts: 0, responseTimeoutMs: "5" }] });
    expect(parsed.kind === "invalid" && parsed.problems.map(({ path }) => path)).toEqual([
      "rules[0].maxAttempts",
      "rules[0].responseTimeoutMs",
    ]);
  });
});
