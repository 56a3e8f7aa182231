// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientRequiredHeaderReserved } from "./client-required-header-reserved.ts";

describe(clientRequiredHeaderReserved.id, () => {
  it("reports each name that is not the caller's", async () => {
    const { found, marked, messages } = await compareMarks(
      clientRequiredHeaderReserved,
      `
service Reserved {
  option (service_client.client_config) = {
    required_headers: "x-tenant-id"
    required_headers: "grpc-timeout" // <- column 5
    required_headers: "authorization" // <- column 5
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("names in grpc- belong to gRPC itself");
    expect(messages.join()).toContain("credentials");
  });
});
