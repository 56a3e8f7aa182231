// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRequiredHeaderRemoved } from "./client-required-header-removed.ts";

describe(clientRequiredHeaderRemoved.id, () => {
  it("reports headers that calls need no longer", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRequiredHeaderRemoved,
      `
service Less {
  option (service_client.client_config) = {
    required_headers: "x-b" // <- column 5
  };

  rpc Get(Request) returns (Response);
  rpc List(Request) returns (Response) {
    option (service_client.method_config) = {required_headers: ["x-c", "x-b"]};
  }
}
`,
      {
        against: `
service Less {
  option (service_client.client_config) = {
    required_headers: ["x-a", "x-b"]
  };

  rpc Get(Request) returns (Response);
  rpc List(Request) returns (Response) {
    option (service_client.method_config) = {required_headers: "x-b"};
  }
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("no longer has x-a");
    expect(messages.join()).toContain("This concerns Get.");
  });
});
