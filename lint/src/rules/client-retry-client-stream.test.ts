// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRetryClientStream } from "./client-retry-client-stream.ts";

describe(clientRetryClientStream.id, () => {
  it("reports retry on streamed requests", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRetryClientStream,
      `
service Some {
  option (service_client.client_config) = {
    retry: {max_attempts: 3} // <- column 13
  };

  rpc Upload(stream Request) returns (Response);
  rpc Watch(Request) returns (stream Response);
  rpc Chat(stream Request) returns (stream Response) {
    option (service_client.method_config) = {
      retry: {max_attempts: 2} // <- column 15
    };
  }
  rpc Once(stream Request) returns (Response) {
    option (service_client.method_config) = {retry: {max_attempts: 1}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("This concerns Upload.");
    expect(messages.join()).toContain("up to 1 MiB");
  });
});
