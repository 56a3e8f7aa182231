// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientConnectionGraceTooShort } from "./client-connection-grace-too-short.ts";

describe(clientConnectionGraceTooShort.id, () => {
  it("reports a grace shorter than the slowest call", async () => {
    const { found, marked, messages } = await compareMarks(
      clientConnectionGraceTooShort,
      `
service Short {
  option (service_client.client_config) = {
    connection: {
      max_age_grace_millis: 700 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response) {
    option (service_client.method_config) = {response_timeout_millis: 700};
  }
  rpc Report(Request) returns (Response) {
    option (service_client.method_config) = {response_timeout_millis: 800};
  }
  rpc Watch(Request) returns (stream Response) {
    option (service_client.method_config) = {response_timeout_millis: 90000};
  }
}
service Sound {
  option (service_client.client_config) = {
    response_timeout_millis: 30000
  };

  rpc GetOrder(Request) returns (Response);
}
service Long { // <- column 1
  option (service_client.client_config) = {
    response_timeout_millis: 30001
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("A call of Report may take 800 ms");
    expect(messages.join()).toContain("max_age_grace_millis: 30001 or more");
  });
});
