// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryAttemptTimeoutUnreachable } from "./client-retry-attempt-timeout-unreachable.ts";

describe(clientRetryAttemptTimeoutUnreachable.id, () => {
  it("reports an attempt timeout that is as long as the call", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryAttemptTimeoutUnreachable,
      `
service Long {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    retry: {
      per_attempt_timeout_millis: 800 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Sound {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    retry: {max_attempts: 2 per_attempt_timeout_millis: 799}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("Write less than 800 ms");
  });
});
