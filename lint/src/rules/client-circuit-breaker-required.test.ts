// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerRequired } from "./client-circuit-breaker-required.ts";

describe(clientCircuitBreakerRequired.id, () => {
  it("reports methods that do not decide about a breaker", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerRequired,
      `
service Some { // <- column 1
  option (service_client.client_config) = {
    response_timeout_millis: 800
  };

  rpc GetOrder(Request) returns (Response);
  rpc ListOrders(Request) returns (Response) {
    option (service_client.method_config) = {circuit_breaker: {enabled: false}};
  }
}
service All {
  option (service_client.client_config) = {
    circuit_breaker: {}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("This concerns GetOrder.");
  });
});
