// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryThrottlingUnused } from "./client-retry-throttling-unused.ts";

describe(clientRetryThrottlingUnused.id, () => {
  it("reports throttling without retries", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryThrottlingUnused,
      `
service Unused {
  option (service_client.client_config) = { // <- column 10
    retry_throttling: {}
  };

  rpc GetOrder(Request) returns (Response) {
    option (service_client.method_config) = {retry: {max_attempts: 1}};
  }
}
service Used {
  option (service_client.client_config) = {
    retry_throttling: {}
  };

  rpc GetOrder(Request) returns (Response) {
    option (service_client.method_config) = {retry: {max_attempts: 2}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("retry_throttling has no effect");
  });
});
