// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientHedgingPartlyUnreachable } from "./client-hedging-partly-unreachable.ts";

describe(clientHedgingPartlyUnreachable.id, () => {
  it("says how many copies fit", async () => {
    const { found, marked, messages } = await compareMarks(
      clientHedgingPartlyUnreachable,
      `
service Hedges {
  option (service_client.client_config) = {
    response_timeout_millis: 800
  };

  rpc Get(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {
      hedging: {
        max_attempts: 4
        hedging_delay_millis: 300 // <- column 9
      }
    };
  }
  rpc Other(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {hedging: {max_attempts: 3 hedging_delay_millis: 300}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("Only 3 of 4 copies fit in 800 ms");
  });
});
