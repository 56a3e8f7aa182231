// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientNameResolutionBackoffOrder } from "./client-name-resolution-backoff-order.ts";

describe(clientNameResolutionBackoffOrder.id, () => {
  it("reports a first wait above the last", async () => {
    const { found, marked, messages } = await compareMarks(
      clientNameResolutionBackoffOrder,
      `
service Above {
  option (service_client.client_config) = {
    name_resolution: {
      failure_backoff_initial_millis: 30001 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Same {
  option (service_client.client_config) = {
    name_resolution: {failure_backoff_initial_millis: 30000}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("30001 ms");
  });
});
