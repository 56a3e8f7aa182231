// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientAuthenticationWithoutMutualTls } from "./client-authentication-without-mutual-tls.ts";

describe(clientAuthenticationWithoutMutualTls.id, () => {
  it("reports a scheme that the connection cannot carry", async () => {
    const { found, marked, messages } = await compareMarks(
      clientAuthenticationWithoutMutualTls,
      `
service Tls {
  option (service_client.client_config) = {
    transport_security: {mode: TLS}
    authentication: {
      scheme: MUTUAL_TLS // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Sound {
  option (service_client.client_config) = {
    transport_security: {mode: MUTUAL_TLS}
    authentication: {scheme: MUTUAL_TLS}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("presents no certificate");
  });
});
