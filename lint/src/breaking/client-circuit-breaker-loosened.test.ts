// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerLoosened } from "./client-circuit-breaker-loosened.ts";

describe(clientCircuitBreakerLoosened.id, () => {
  it("reports what makes a breaker open later", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerLoosened,
      `
service Loose {
  option (service_client.client_config) = {
    circuit_breaker: {
      failure_rate_threshold: 0.51 // <- column 7
      failure_status_codes: [UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL, UNKNOWN]
    }
  };

  rpc Get(Request) returns (Response);
  rpc Tight(Request) returns (Response) {
    option (service_client.method_config) = {circuit_breaker: {failure_rate_threshold: 0.4 minimum_request_threshold: 20 slow_call_duration_millis: 400 failure_status_codes: [UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL, UNKNOWN, DATA_LOSS, ABORTED]}};
  }
}
`,
      {
        against: `
service Loose {
  option (service_client.client_config) = {
    circuit_breaker: {slow_call_duration_millis: 500}
  };

  rpc Get(Request) returns (Response);
  rpc Tight(Request) returns (Response) {
    option (service_client.method_config) = {circuit_breaker: {minimum_request_threshold: 30}};
  }
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain(
      "failure_rate_threshold 0.51 instead of 0.5, slow_call_duration_millis unset instead of 500, failure_status_codes without DATA_LOSS",
    );
    expect(messages.join()).toContain("This concerns Get.");
  });
});
