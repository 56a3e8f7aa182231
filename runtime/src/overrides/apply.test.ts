// SPDX-License-Identifier: Apache-2.0
import { contractOf, type MethodPolicy } from "@talaria/contract";
import { expect, test } from "vitest";
import { echoService } from "../../../test/e2e/echo.ts";
import { overridePolicy } from "./apply.ts";

function policyOf(service: string, method = ""): MethodPolicy {
  const [policy] = contractOf(echoService({ service: `response_timeout_millis: 1000 ${service}`, method })).methods;
  if (policy === undefined) {
    throw new TypeError("the echo service has methods");
  }
  return policy;
}

function overridden(policy: MethodPolicy, settings: object): MethodPolicy {
  const overrides = { reason: "INC-7", rules: [{ service: "*", ...settings }] };
  return overridePolicy("echo.v1.Echo", policy, overrides, { by: "process" }).policy;
}

test.each([
  [1, 1],
  [3, 3],
  [5, 3],
])("a cap of %i attempts makes %i of 3, of retry and of hedging", (maxAttempts, most) => {
  const hedging = `option idempotency_level = IDEMPOTENT;
    option (service_client.method_config).hedging = { max_attempts: 3 hedging_delay_millis: 20 };`;
  expect(overridden(policyOf("retry { max_attempts: 3 }"), { maxAttempts }).retry?.maxAttempts).toBe(most);
  expect(overridden(policyOf("", hedging), { maxAttempts }).hedging?.maxAttempts).toBe(most);
});

test("a cap of attempts gives no method a retry", () => {
  expect(overridden(policyOf(""), { maxAttempts: 3 })).toEqual(policyOf(""));
});

test.each([
  [2, 2],
  [9, 4],
])("a bound of %i calls at once makes %i of 4, and bounds no method without one", (maxConcurrentRequests, most) => {
  const limited = policyOf("max_concurrent_requests: 4");
  expect(overridden(limited, { maxConcurrentRequests }).maxConcurrentRequests).toBe(most);
  expect(overridden(policyOf(""), { maxConcurrentRequests })).toEqual(policyOf(""));
});
