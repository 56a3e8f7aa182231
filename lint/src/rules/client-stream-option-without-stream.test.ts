// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientStreamOptionWithoutStream } from "./client-stream-option-without-stream.ts";

describe(clientStreamOptionWithoutStream.id, () => {
  it("reports stream limits on methods without one", async () => {
    const { found, marked, messages } = await compareMarks(
      clientStreamOptionWithoutStream,
      `
service Streams {
  option (service_client.client_config) = {
    stream_idle_timeout_millis: 500
  };

  rpc GetOrder(Request) returns (Response) {
    option (service_client.method_config) = {
      stream_max_duration_millis: 500 // <- column 7
    };
  }
  rpc Watch(Request) returns (stream Response) {
    option (service_client.method_config) = {stream_max_duration_millis: 900};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("no stream to limit");
  });
});
