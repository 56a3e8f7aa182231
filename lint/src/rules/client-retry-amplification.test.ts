// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryAmplification } from "./client-retry-amplification.ts";

describe(clientRetryAmplification.id, () => {
  it("reports more than 3 attempts without throttling", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryAmplification,
      `
service Many {
  option (service_client.client_config) = {
    retry: {max_attempts: 4} // <- column 13
  };

  rpc GetOrder(Request) returns (Response);
  rpc ListOrders(Request) returns (Response) {
    option (service_client.method_config) = {retry: {max_attempts: 3}};
  }
}
service Throttled {
  option (service_client.client_config) = {
    retry: {max_attempts: 5}
    retry_throttling: {}
  };

  rpc GetOrder(Request) returns (Response);
}
service Few {
  option (service_client.client_config) = {
    retry: {max_attempts: 3}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("Up to 4 attempts a call");
    expect(messages.join()).toContain("This concerns GetOrder.");
  });
});
