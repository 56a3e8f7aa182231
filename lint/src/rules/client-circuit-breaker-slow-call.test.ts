// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerSlowCall } from "./client-circuit-breaker-slow-call.ts";

describe(clientCircuitBreakerSlowCall.id, () => {
  it("reports a share without a time", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerSlowCall,
      `
service Alone {
  option (service_client.client_config) = {
    circuit_breaker: {
      slow_call_rate_threshold: 0.5 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Both {
  option (service_client.client_config) = {
    circuit_breaker: {slow_call_rate_threshold: 0.5 slow_call_duration_millis: 500}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("without slow_call_duration_millis");
  });
});
