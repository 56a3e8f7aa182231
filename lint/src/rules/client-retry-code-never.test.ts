// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryCodeNever } from "./client-retry-code-never.ts";

describe(clientRetryCodeNever.id, () => {
  it("reports each code where it stands, on the service and on methods", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryCodeNever,
      `
service Codes {
  option (service_client.client_config) = {
    retry: {
      retryable_status_codes: UNAVAILABLE
      retryable_status_codes: CANCELLED // <- column 7
      retryable_status_codes: DATA_LOSS // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {
      hedging: {
        hedging_delay_millis: 50
        non_fatal_status_codes: [UNIMPLEMENTED] // <- column 9
      }
    };
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("CANCELLED: the caller gave up");
    expect(messages.join()).toContain("DATA_LOSS: lost data does not come back");
    expect(messages.join()).toContain("hedging.non_fatal_status_codes lists UNIMPLEMENTED");
  });
});
