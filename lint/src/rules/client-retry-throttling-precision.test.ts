// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryThrottlingPrecision } from "./client-retry-throttling-precision.ts";

describe(clientRetryThrottlingPrecision.id, () => {
  it("reports a fourth decimal", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryThrottlingPrecision,
      `
service Four {
  option (service_client.client_config) = {
    retry_throttling: {
      token_ratio: 0.1234 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Three {
  option (service_client.client_config) = {
    retry_throttling: {token_ratio: 0.123}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("Write 0.123.");
  });
});
