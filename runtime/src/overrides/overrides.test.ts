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
    expect(parsed).toMatchObject({ kind: "invalid", problems: [{ path, message: expect.stringContaining(message) }] });
    expect(parsed.kind === "invalid" && parsed.problems).toHaveLength(1);
  });

  test("lists everything that is wrong, at every level at once", () => {
    const parsed = parseOverrides({
      becuase: "INC-7",
      allowLessSafe: "yes",
      rules: [
        { service: "*", maxAttempts: 0, responseTimeoutMs: "5" },
        "all",
        { service: "*" },
        { method: "C", maxAttemps: 2 },
        { service: "*", circuitBreaker: "closed" },
        { service: "*", maxAttempts: 1 },
      ],
    });
    expect(parsed.kind === "invalid" && parsed.problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      "reason is missing",
      "becuase is unknown; known are reason, rules, allowLessSafe",
      "allowLessSafe must be true or false",
      "rules[0].maxAttempts must be a whole number of attempts, 1 to 5",
      "rules[0].responseTimeoutMs must be a whole number of milliseconds, 1 to 2147483647",
      "rules[1] must be an object, not a string",
      "rules[2] changes nothing; set one of circuitBreaker, maxAttempts, responseTimeoutMs, maxConcurrentRequests",
      "rules[3].service is missing",
      "rules[3].maxAttemps is unknown; did you mean maxAttempts?",
      expect.stringContaining('rules[4].circuitBreaker "closed" is less safe'),
    ]);
  });
});
