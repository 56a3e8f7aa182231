// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientTransportSecurityRequired } from "./client-transport-security-required.ts";

describe(clientTransportSecurityRequired.id, () => {
  it("reports a service without a mode, whatever else it says about security", async () => {
    const { found, marked, messages } = await compareMarks(
      clientTransportSecurityRequired,
      `
service Silent { // <- column 1
  option (service_client.client_config) = {
    transport_security: {server_identity: "orders.shop.example"}
  };

  rpc GetOrder(Request) returns (Response);
}
service Said {
  option (service_client.client_config) = {
    transport_security: {mode: TLS}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("shop.v1.Silent does not say how its connections are secured");
  });
});
