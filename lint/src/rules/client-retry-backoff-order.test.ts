// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryBackoffOrder } from "./client-retry-backoff-order.ts";

describe(clientRetryBackoffOrder.id, () => {
  it("reports an initial backoff above the last, where the more specific of the two is set", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryBackoffOrder,
      `
service Order {
  option (service_client.client_config) = {
    retry: {
      initial_backoff_millis: 1001 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
  rpc ListOrders(Request) returns (Response) {
    option (service_client.method_config) = {
      retry: {
        max_backoff_millis: 900 // <- column 9
      }
    };
  }
  rpc Other(Request) returns (Response) {
    option (service_client.method_config) = {retry: {initial_backoff_millis: 1000}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("1001 ms");
    expect(messages.join()).toContain("900 ms");
  });
});
