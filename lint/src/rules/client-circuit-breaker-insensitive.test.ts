// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerInsensitive } from "./client-circuit-breaker-insensitive.ts";

describe(clientCircuitBreakerInsensitive.id, () => {
  it("reports a breaker that waits for more than 1000 attempts", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerInsensitive,
      `
service Many {
  option (service_client.client_config) = {
    circuit_breaker: {
      minimum_request_threshold: 1001 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Most {
  option (service_client.client_config) = {
    circuit_breaker: {minimum_request_threshold: 1000}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("1001 attempts within 20000 ms");
  });
});
