// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientNameResolutionTtlOrder } from "./client-name-resolution-ttl-order.ts";

describe(clientNameResolutionTtlOrder.id, () => {
  it("reports a minimum above the maximum", async () => {
    const { found, marked, messages } = await compareMarks(
      clientNameResolutionTtlOrder,
      `
service Above {
  option (service_client.client_config) = {
    name_resolution: {
      min_ttl_millis: 30001 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Same {
  option (service_client.client_config) = {
    name_resolution: {min_ttl_millis: 30000}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("30001 ms");
  });
});
