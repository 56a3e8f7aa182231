// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientHedgingUnreachable } from "./client-hedging-unreachable.ts";

describe(clientHedgingUnreachable.id, () => {
  it("reports a delay that is as long as the call", async () => {
    const { found, marked, messages } = await compareMarks(
      clientHedgingUnreachable,
      `
service Hedges {
  option (service_client.client_config) = {
    response_timeout_millis: 800
  };

  rpc Get(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {
      hedging: {
        hedging_delay_millis: 800 // <- column 9
      }
    };
  }
  rpc Other(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {hedging: {hedging_delay_millis: 799}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("waits 800 ms");
  });
});
