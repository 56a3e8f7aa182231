// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerSlowCallUnreachable } from "./client-circuit-breaker-slow-call-unreachable.ts";

describe(clientCircuitBreakerSlowCallUnreachable.id, () => {
  it("reports a slow call that is longer than the call", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerSlowCallUnreachable,
      `
service Never {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    circuit_breaker: {
      slow_call_duration_millis: 800 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Sound {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    circuit_breaker: {slow_call_duration_millis: 799}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("800 ms");
  });
});
