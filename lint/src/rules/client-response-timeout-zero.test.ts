// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientResponseTimeoutZero } from "./client-response-timeout-zero.ts";

describe(clientResponseTimeoutZero.id, () => {
  it("reports 0 where the response is no stream", async () => {
    const { found, marked, messages } = await compareMarks(
      clientResponseTimeoutZero,
      `
service Zero {
  option (service_client.client_config) = {
    response_timeout_millis: 800
  };

  rpc GetOrder(Request) returns (Response) {
    option (service_client.method_config) = {
      response_timeout_millis: 0 // <- column 7
    };
  }
  rpc Watch(Request) returns (stream Response) {
    option (service_client.method_config) = {response_timeout_millis: 0};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("response_timeout_millis is 0 ms");
  });
});
