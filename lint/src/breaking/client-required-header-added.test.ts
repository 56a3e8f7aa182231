// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRequiredHeaderAdded } from "./client-required-header-added.ts";

describe(clientRequiredHeaderAdded.id, () => {
  it("reports headers that calls did not need", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRequiredHeaderAdded,
      `
service More {
  option (service_client.client_config) = {
    required_headers: ["x-b", "x-a"] // <- column 5
  };

  rpc Get(Request) returns (Response);
  rpc List(Request) returns (Response) {
    option (service_client.method_config) = {required_headers: ["x-b"]};
  }
}
`,
      {
        against: `
service More {
  option (service_client.client_config) = {
    required_headers: "x-a"
  };

  rpc Get(Request) returns (Response);
  rpc List(Request) returns (Response) {
    option (service_client.method_config) = {required_headers: ["x-a", "x-b"]};
  }
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("now has x-b");
    expect(messages.join()).toContain("This concerns Get.");
  });
});
