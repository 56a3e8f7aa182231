// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryRequired } from "./client-retry-required.ts";

describe(clientRetryRequired.id, () => {
  it("reports methods for which neither retry nor hedging is decided", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryRequired,
      `
service Some { // <- column 1
  option (service_client.client_config) = {
    response_timeout_millis: 800
  };

  rpc GetOrder(Request) returns (Response);
  rpc ListOrders(Request) returns (Response) {
    option (service_client.method_config) = {retry: {max_attempts: 1}};
  }
  rpc Find(Request) returns (Response) {
    option idempotency_level = IDEMPOTENT;
    option (service_client.method_config) = {hedging: {hedging_delay_millis: 50}};
  }
}
service All {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("This concerns GetOrder.");
  });
});
