// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientOutOfRange } from "./client-out-of-range.ts";

describe(clientOutOfRange.id, () => {
  it("reports each number where it is set", async () => {
    const { found, marked, messages } = await compareMarks(
      clientOutOfRange,
      `
service Numbers {
  option (service_client.client_config) = {
    response_timeout_millis: -1 // <- column 5
    retry: {
      max_attempts: 6 // <- column 7
      backoff_jitter: 1.5 // <- column 7
    }
    circuit_breaker: {failure_rate_threshold: 1}
  };

  rpc GetOrder(Request) returns (Response) {
    option (service_client.method_config) = {response_timeout_millis: 2147483647};
  }
  rpc ListOrders(Request) returns (Response) {
    option (service_client.method_config) = {
      response_timeout_millis: 2147483648 // <- column 7
    };
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("Write 1 to 5 attempts.");
  });
});
