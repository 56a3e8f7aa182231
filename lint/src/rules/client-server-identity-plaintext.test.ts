// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientServerIdentityPlaintext } from "./client-server-identity-plaintext.ts";

describe(clientServerIdentityPlaintext.id, () => {
  it("reports the pair", async () => {
    const { found, marked, messages } = await compareMarks(
      clientServerIdentityPlaintext,
      `
service Both {
  option (service_client.client_config) = {
    transport_security: {
      mode: PLAINTEXT // <- column 7
      server_identity: "orders.shop.example"
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Plain {
  option (service_client.client_config) = {
    transport_security: {mode: PLAINTEXT}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("never checked");
  });
});
