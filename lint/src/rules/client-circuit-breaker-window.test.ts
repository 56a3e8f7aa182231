// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerWindow } from "./client-circuit-breaker-window.ts";

describe(clientCircuitBreakerWindow.id, () => {
  it("reports a window that is no multiple of its bucket, or only one", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerWindow,
      `
service Window {
  option (service_client.client_config) = {
    circuit_breaker: {
      counter_sliding_window_millis: 1500 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
  rpc One(Request) returns (Response) {
    option (service_client.method_config) = {
      circuit_breaker: {
        counter_sliding_window_millis: 1000 // <- column 9
      }
    };
  }
  rpc Two(Request) returns (Response) {
    option (service_client.method_config) = {circuit_breaker: {counter_sliding_window_millis: 2000}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("Write 2000 ms.");
    expect(messages.join()).toContain("needs two buckets");
  });
});
