// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryDeadlineExceeded } from "./client-retry-deadline-exceeded.ts";

describe(clientRetryDeadlineExceeded.id, () => {
  it("reports the code where no attempt has its own timeout", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryDeadlineExceeded,
      `
service Some {
  option (service_client.client_config) = {
    retry: {
      retryable_status_codes: [DEADLINE_EXCEEDED] // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
  rpc ListOrders(Request) returns (Response) {
    option (service_client.method_config) = {retry: {per_attempt_timeout_millis: 90}};
  }
  rpc Create(Request) returns (Response) {
    option (service_client.method_config) = {retry: {max_attempts: 1}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("without per_attempt_timeout_millis");
    expect(messages.join()).toContain("This concerns GetOrder.");
  });
});
