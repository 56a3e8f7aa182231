// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientDuplicateValue } from "./client-duplicate-value.ts";

describe(clientDuplicateValue.id, () => {
  it("reports the second of two", async () => {
    const { found, marked, messages } = await compareMarks(
      clientDuplicateValue,
      `
service Twice {
  option (service_client.client_config) = {
    required_headers: "x-a"
    required_headers: "x-b"
    required_headers: "x-a" // <- column 5
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("names x-a twice");
  });
});
