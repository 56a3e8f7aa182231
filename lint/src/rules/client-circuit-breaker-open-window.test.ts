// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerOpenWindow } from "./client-circuit-breaker-open-window.ts";

describe(clientCircuitBreakerOpenWindow.id, () => {
  it("reports a maximum below the start", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerOpenWindow,
      `
service Below {
  option (service_client.client_config) = {
    circuit_breaker: {
      max_circuit_open_window_millis: 9999 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Same {
  option (service_client.client_config) = {
    circuit_breaker: {max_circuit_open_window_millis: 10000}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("9999 ms");
  });
});
