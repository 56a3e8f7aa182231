// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerNeverTrips } from "./client-circuit-breaker-never-trips.ts";

describe(clientCircuitBreakerNeverTrips.id, () => {
  it("reports a breaker that counts no failure", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerNeverTrips,
      `
service Never {
  option (service_client.client_config) = {
    circuit_breaker: {
      failure_status_codes: CANCELLED // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
  rpc Off(Request) returns (Response) {
    option (service_client.method_config) = {circuit_breaker: {enabled: false}};
  }
  rpc Slow(Request) returns (Response) {
    option (service_client.method_config) = {circuit_breaker: {slow_call_duration_millis: 500}};
  }
}
service Sound {
  option (service_client.client_config) = {
    circuit_breaker: {failure_status_codes: [CANCELLED, UNAVAILABLE]}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("lists only CANCELLED");
    expect(messages.join()).toContain("This concerns GetOrder.");
  });
});
