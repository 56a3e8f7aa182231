// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientResponseTimeoutRequired } from "./client-response-timeout-required.ts";

describe(clientResponseTimeoutRequired.id, () => {
  it("reports methods without a timeout at their service, by name when others have one", async () => {
    const { found, marked, messages } = await compareMarks(
      clientResponseTimeoutRequired,
      `
service None { // <- column 1 <- column 1
  option (service_client.client_config) = {
    retry: {max_attempts: 3}
  };

  rpc GetOrder(Request) returns (Response);
  rpc Watch(Request) returns (stream Response);
}
service Some { // <- column 1
  option (service_client.client_config) = {
    retry: {max_attempts: 3}
  };

  rpc GetOrder(Request) returns (Response);
  rpc ListOrders(Request) returns (Response) {
    option (service_client.method_config) = {response_timeout_millis: 500};
  }
}
service All {
  option (service_client.client_config) = {
    response_timeout_millis: 800
  };

  rpc Watch(Request) returns (stream Response) {
    option (service_client.method_config) = {response_timeout_millis: 0};
  }
}
service Unannotated {
  rpc Get(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("There is no response timeout");
    expect(messages.join()).toContain("This concerns GetOrder.");
  });
});
