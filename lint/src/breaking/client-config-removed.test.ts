// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientConfigRemoved } from "./client-config-removed.ts";

describe(clientConfigRemoved.id, () => {
  it("reports a service that lost its annotation", async () => {
    const { found, marked, messages } = await compareMarks(
      clientConfigRemoved,
      `
service Lost { // <- column 1
  rpc GetOrder(Request) returns (Response);
}
service Never {
  rpc GetOrder(Request) returns (Response);
}
service Kept {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
      {
        against: `
service Lost {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response);
}
service Never {
  rpc GetOrder(Request) returns (Response);
}
service Kept {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("shop.v1.Lost had a client configuration");
  });
});
