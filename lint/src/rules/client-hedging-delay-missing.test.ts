// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientHedgingDelayMissing } from "./client-hedging-delay-missing.ts";

describe(clientHedgingDelayMissing.id, () => {
  it("reports hedging without a delay", async () => {
    const { found, marked, messages } = await compareMarks(
      clientHedgingDelayMissing,
      `
service Hedges {
  option (service_client.client_config) = {
    response_timeout_millis: 800
  };

  rpc Get(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {
      hedging: {max_attempts: 3} // <- column 17
    };
  }
  rpc Other(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {hedging: {hedging_delay_millis: 1}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("hedging has no hedging_delay_millis");
  });
});
