// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientHedgingNotIdempotent } from "./client-hedging-not-idempotent.ts";

describe(clientHedgingNotIdempotent.id, () => {
  it("reports hedging without idempotency_level", async () => {
    const { found, marked, messages } = await compareMarks(
      clientHedgingNotIdempotent,
      `
service Hedges {
  option (service_client.client_config) = {
    response_timeout_millis: 800
  };

  rpc Create(Request) returns (Response) {
    option (service_client.method_config) = {
      hedging: {hedging_delay_millis: 100} // <- column 17
    };
  }
  rpc Get(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {hedging: {hedging_delay_millis: 100}};
  }
  rpc Put(Request) returns (Response) {
    option idempotency_level = IDEMPOTENT;
    option (service_client.method_config) = {hedging: {hedging_delay_millis: 100}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("execute it several times");
  });
});
