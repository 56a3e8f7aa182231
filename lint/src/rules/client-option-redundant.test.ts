// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientOptionRedundant } from "./client-option-redundant.ts";

describe(clientOptionRedundant.id, () => {
  it("reports values that the service sets to the same", async () => {
    const { found, marked, messages } = await compareMarks(
      clientOptionRedundant,
      `
service Same {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    retry: {max_attempts: 3 retryable_status_codes: [UNAVAILABLE, ABORTED]}
  };

  rpc One(Request) returns (Response) {
    option (service_client.method_config) = {
      response_timeout_millis: 800 // <- column 7
      retry: {
        max_attempts: 2
        retryable_status_codes: [UNAVAILABLE, ABORTED] // <- column 9
      }
    };
  }
  rpc Two(Request) returns (Response) {
    option (service_client.method_config) = {response_timeout_millis: 801 wait_for_ready: false};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("response_timeout_millis is 800 ms here and on the service");
    expect(messages.join()).toContain("[UNAVAILABLE, ABORTED]");
  });
});
