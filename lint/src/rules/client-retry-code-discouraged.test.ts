// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryCodeDiscouraged } from "./client-retry-code-discouraged.ts";

describe(clientRetryCodeDiscouraged.id, () => {
  it("reports each code where it stands", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryCodeDiscouraged,
      `
service Codes {
  option (service_client.client_config) = {
    retry: {
      retryable_status_codes: UNAVAILABLE
      retryable_status_codes: ABORTED // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service List {
  option (service_client.client_config) = {
    retry: {
      retryable_status_codes: [UNAVAILABLE, UNKNOWN] // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("ABORTED: the whole transaction has to be made again");
  });
});
