// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { compileServices, idempotent, rpc } from "../../test/contract/services.ts";
import { contractOf } from "./contract-of.ts";
import { describePolicy } from "./describe-policy.ts";

const services = compileServices({
  policies: {
    config: `response_timeout_millis: 800 retry { max_attempts: 3 } circuit_breaker {}`,
    body: [
      rpc("Get"),
      rpc("Plain", "retry { max_attempts: 1 } circuit_breaker { enabled: false }"),
      rpc(
        "Steady",
        "retry { initial_backoff_millis: 1000 retryable_status_codes: [UNAVAILABLE, ABORTED] per_attempt_timeout_millis: 250 max_attempts: 2 } response_timeout_millis: 15000",
      ),
      rpc(
        "Hedged",
        "retry { max_attempts: 1 } circuit_breaker { enabled: false } hedging { hedging_delay_millis: 50 non_fatal_status_codes: INTERNAL }",
        idempotent,
      ),
      rpc(
        "Watch",
        "retry { max_attempts: 1 } stream_idle_timeout_millis: 5000 stream_max_duration_millis: 60000 circuit_breaker { enabled: false }",
        { kind: "server_streaming" },
      ),
      rpc("Tail", "response_timeout_millis: 0 retry { max_attempts: 1 } circuit_breaker { enabled: false }", {
        kind: "bidi_streaming",
      }),
    ].join("\n"),
  },
  rest: {
    config: `response_timeout_millis: 800 wait_for_ready: true max_concurrent_requests: 100 required_headers: ["x-tenant-id", "x-region"]
      authentication { scheme: BEARER audience: "orders" }
      circuit_breaker { scope: SERVICE max_circuit_open_window_millis: 80000 slow_call_duration_millis: 500 slow_call_rate_threshold: 0.125 }`,
  },
  none: {},
});

function described(name: keyof typeof services): Record<string, string[]> {
  const contract = contractOf(services[name]);
  return Object.fromEntries(contract.methods.map((policy) => [policy.name, describePolicy(policy, contract)]));
}

describe("describePolicy()", () => {
  test("says what is on, with numbers and units", () => {
    expect(described("policies")).toEqual({
      Get: [
        "Deadline: 800 ms over all attempts.",
        "Retry: up to 3 attempts on UNAVAILABLE, 100 ms to 1000 ms apart (x2, ±20 %).",
        "Circuit breaker: opens at 50 % of at least 10 attempts failing in 20 s; tries again after 10 s.",
      ],
      Plain: ["Deadline: 800 ms."],
      Steady: [
        "Deadline: 15 s over all attempts.",
        "Retry: up to 2 attempts on UNAVAILABLE, ABORTED, 1000 ms apart (±20 %), each cut after 250 ms.",
        "Circuit breaker: opens at 50 % of at least 10 attempts failing in 20 s; tries again after 10 s.",
      ],
      Hedged: [
        "Deadline: 800 ms over all attempts.",
        "Hedging: up to 2 copies, a further one every 50 ms, at once after INTERNAL.",
      ],
      Watch: [
        "Deadline: 800 ms to the first message.",
        "Stream: ends when no message comes for 5000 ms.",
        "Stream: ends after 60 s at the latest.",
      ],
      Tail: ["Deadline: none for the first message."],
    });
  });

  test("says who may call, and how much", () => {
    expect(described("rest").Get).toEqual([
      "Deadline: 800 ms.",
      "Circuit breaker (shared by all methods of test.p1.Service): opens at 50 % of at least 10 attempts failing, or 12.5 % taking over 500 ms in 20 s; tries again after 10 s, up to 80 s.",
      "Waits for a backend instead of failing while none can be reached.",
      "Concurrency: 100 calls at once; one more fails with RESOURCE_EXHAUSTED.",
      "Authentication: bearer token for orders.",
      "Required headers: x-tenant-id, x-region.",
    ]);
  });

  test("says that there is no deadline", () => {
    expect(described("none").Get).toEqual(["Deadline: none."]);
  });
});
