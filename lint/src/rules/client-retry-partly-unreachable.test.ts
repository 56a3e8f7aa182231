// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryPartlyUnreachable } from "./client-retry-partly-unreachable.ts";

describe(clientRetryPartlyUnreachable.id, () => {
  it("says how many attempts fit", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryPartlyUnreachable,
      `
service Some {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    retry: {
      max_attempts: 4 // <- column 7
      per_attempt_timeout_millis: 300
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Sound {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    retry: {max_attempts: 2 per_attempt_timeout_millis: 300}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("Only 2 of 4 attempts fit in 800 ms");
  });
});
