// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRequiredHeaderMalformed } from "./client-required-header-malformed.ts";

describe(clientRequiredHeaderMalformed.id, () => {
  it("reports each name that cannot be a key", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRequiredHeaderMalformed,
      `
service Malformed {
  option (service_client.client_config) = {
    required_headers: ["x-tenant-id", "X-Tenant-Id"] // <- column 5
  };

  rpc Get(Request) returns (Response) {
    option (service_client.method_config) = {
      required_headers: ":path" // <- column 7
    };
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("Write x-tenant-id.");
    expect(messages.join()).toContain('":path"');
  });
});
