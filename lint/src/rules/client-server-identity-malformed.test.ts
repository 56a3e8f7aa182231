// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientServerIdentityMalformed } from "./client-server-identity-malformed.ts";

describe(clientServerIdentityMalformed.id, () => {
  it("reports each name that no certificate can have", async () => {
    const { found, marked, messages } = await compareMarks(
      clientServerIdentityMalformed,
      `
service Names {
  option (service_client.client_config) = {
    transport_security: {
      mode: TLS
      server_identity: "orders-{shard}.shop.example"
      server_identity: "*.shop.example" // <- column 7
      server_identity: "spiffe://shop.example/orders"
      server_identity: "https://shop.example" // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("it has a wildcard");
    expect(messages.join()).toContain("its scheme is not spiffe://");
  });
});
