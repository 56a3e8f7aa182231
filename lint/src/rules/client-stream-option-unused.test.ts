// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientStreamOptionUnused } from "./client-stream-option-unused.ts";

describe(clientStreamOptionUnused.id, () => {
  it("reports limits without a stream", async () => {
    const { found, marked, messages } = await compareMarks(
      clientStreamOptionUnused,
      `
service None {
  option (service_client.client_config) = {
    stream_max_duration_millis: 500 // <- column 5
    stream_idle_timeout_millis: 400 // <- column 5
  };

  rpc Get(Request) returns (Response);
  rpc Upload(stream Request) returns (Response);
}
service Some {
  option (service_client.client_config) = {
    stream_max_duration_millis: 500
  };

  rpc Watch(Request) returns (stream Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("no method of this service responds with a stream");
  });
});
