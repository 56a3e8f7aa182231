// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientWaitForReadyWithoutTimeout } from "./client-wait-for-ready-without-timeout.ts";

describe(clientWaitForReadyWithoutTimeout.id, () => {
  it("reports waiting without an end", async () => {
    const { found, marked, messages } = await compareMarks(
      clientWaitForReadyWithoutTimeout,
      `
service Waits {
  option (service_client.client_config) = {
    wait_for_ready: true // <- column 5
  };

  rpc GetOrder(Request) returns (Response);
  rpc ListOrders(Request) returns (Response) {
    option (service_client.method_config) = {response_timeout_millis: 100};
  }
}
service Sound {
  option (service_client.client_config) = {
    wait_for_ready: true
    response_timeout_millis: 100
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("This concerns GetOrder.");
  });
});
