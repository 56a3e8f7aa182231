// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryUnreachable } from "./client-retry-unreachable.ts";

describe(clientRetryUnreachable.id, () => {
  it("reports a first backoff that is at least as long as the call", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryUnreachable,
      `
service Never {
  option (service_client.client_config) = {
    response_timeout_millis: 80
    retry: {
      initial_backoff_millis: 100 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Sound {
  option (service_client.client_config) = {
    response_timeout_millis: 2000
    retry: {initial_backoff_millis: 100}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("at least 80 ms");
  });
});
