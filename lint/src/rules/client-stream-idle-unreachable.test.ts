// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientStreamIdleUnreachable } from "./client-stream-idle-unreachable.ts";

describe(clientStreamIdleUnreachable.id, () => {
  it("reports a gap as long as the stream", async () => {
    const { found, marked, messages } = await compareMarks(
      clientStreamIdleUnreachable,
      `
service Same {
  option (service_client.client_config) = {
    stream_idle_timeout_millis: 500 // <- column 5
    stream_max_duration_millis: 500
  };

  rpc Watch(Request) returns (stream Response);
}
service Below {
  option (service_client.client_config) = {
    stream_idle_timeout_millis: 499
    stream_max_duration_millis: 500
  };

  rpc Watch(Request) returns (stream Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("never occurs");
  });
});
