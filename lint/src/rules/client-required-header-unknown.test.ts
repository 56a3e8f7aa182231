// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { checkText, compareMarks } from "../check-text.ts";
import { clientRequiredHeaderUnknown } from "./client-required-header-unknown.ts";

describe(clientRequiredHeaderUnknown.id, () => {
  it("reports headers that are not allowed", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRequiredHeaderUnknown,
      `
service Headers {
  option (service_client.client_config) = {
    required_headers: "x-tenant-id"
    required_headers: "x-tenant" // <- column 5
  };

  rpc GetOrder(Request) returns (Response) {
    option (service_client.method_config) = {required_headers: "x-request-id"};
  }
}
`,
      { options: { allowed_headers: ["x-tenant-id", "x-request-id"] } },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain(
      "required_headers names x-tenant, which callers do not know. Write one of x-tenant-id, x-request-id",
    );
  });

  it("accepts every header when none is listed", async () => {
    const text = `service Orders { option (service_client.client_config).required_headers = "x-tenant"; }`;
    expect(await checkText([clientRequiredHeaderUnknown], text)).toEqual([]);
  });
});
