// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientStreamLimitRequired } from "./client-stream-limit-required.ts";

describe(clientStreamLimitRequired.id, () => {
  it("reports streamed responses that nothing limits", async () => {
    const { found, marked, messages } = await compareMarks(
      clientStreamLimitRequired,
      `
service Some {
  option (service_client.client_config) = {
    response_timeout_millis: 800 // <- column 5
  };

  rpc GetOrder(Request) returns (Response);
  rpc Watch(Request) returns (stream Response);
  rpc Chat(stream Request) returns (stream Response) {
    option (service_client.method_config) = {stream_max_duration_millis: 60000};
  }
  rpc Upload(stream Request) returns (Response);
}
service All {
  option (service_client.client_config) = {
    stream_idle_timeout_millis: 500
  };

  rpc Watch(Request) returns (stream Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("This concerns Watch.");
  });
});
