// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryWidened } from "./client-retry-widened.ts";

describe(clientRetryWidened.id, () => {
  it("reports more attempts and more codes on methods that may not be executed twice", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryWidened,
      `
service Wide {
  option (service_client.client_config) = {
    retry: {
      max_attempts: 3 // <- column 7
    }
  };

  rpc Create(Request) returns (Response);
  rpc Get(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc Fewer(Request) returns (Response) {
    option (service_client.method_config) = {retry: {max_attempts: 3}};
  }
  rpc Codes(Request) returns (Response) {
    option (service_client.method_config) = {
      retry: {
        max_attempts: 3
        retryable_status_codes: [UNAVAILABLE, ABORTED] // <- column 9
      }
    };
  }
}
`,
      {
        against: `
service Wide {
  option (service_client.client_config) = {
    retry: {max_attempts: 2}
  };

  rpc Create(Request) returns (Response);
  rpc Get(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc Fewer(Request) returns (Response) {
    option (service_client.method_config) = {retry: {max_attempts: 4}};
  }
  rpc Codes(Request) returns (Response) {
    option (service_client.method_config) = {retry: {max_attempts: 3}};
  }
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("up to 3 attempts instead of 2");
    expect(messages.join()).toContain("This concerns Create.");
    expect(messages.join()).toContain("also after ABORTED");
  });
});
