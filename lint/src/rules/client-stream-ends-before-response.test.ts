// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientStreamEndsBeforeResponse } from "./client-stream-ends-before-response.ts";

describe(clientStreamEndsBeforeResponse.id, () => {
  it("reports a stream shorter than its response timeout", async () => {
    const { found, marked, messages } = await compareMarks(
      clientStreamEndsBeforeResponse,
      `
service Short {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    stream_max_duration_millis: 799 // <- column 5
  };

  rpc Watch(Request) returns (stream Response);
}
service Sound {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    stream_max_duration_millis: 800
  };

  rpc Watch(Request) returns (stream Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("799 ms");
    expect(messages.join()).toContain("800 ms");
  });
});
