// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryAndHedging } from "./client-retry-and-hedging.ts";

describe(clientRetryAndHedging.id, () => {
  it("reports hedging on a method that inherits retry", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryAndHedging,
      `
service Both {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {
      hedging: {hedging_delay_millis: 100} // <- column 17
    };
  }
  rpc Other(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {hedging: {hedging_delay_millis: 100} retry: {max_attempts: 1}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("Retry and hedging are both on.");
  });
});
