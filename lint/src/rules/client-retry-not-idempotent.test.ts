// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryNotIdempotent } from "./client-retry-not-idempotent.ts";

describe(clientRetryNotIdempotent.id, () => {
  it("reports codes beyond UNAVAILABLE and attempt timeouts on methods that may not be executed twice", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryNotIdempotent,
      `
service Some {
  option (service_client.client_config) = {
    retry: {
      retryable_status_codes: [UNAVAILABLE, INTERNAL] // <- column 7
    }
  };

  rpc CreateOrder(Request) returns (Response);
  rpc GetOrder(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc PutOrder(Request) returns (Response) {
    option idempotency_level = IDEMPOTENT;
  }
  rpc Once(Request) returns (Response) {
    option (service_client.method_config) = {retry: {max_attempts: 1}};
  }
  rpc Other(Request) returns (Response) {
    option (service_client.method_config) = {
      retry: {
        retryable_status_codes: UNAVAILABLE
        per_attempt_timeout_millis: 100 // <- column 9
      }
    };
  }
}
service Sound {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("INTERNAL is tried again on a method without idempotency_level");
    expect(messages.join()).toContain("This concerns CreateOrder.");
    expect(messages.join()).toContain("given up after 100 ms");
  });
});
