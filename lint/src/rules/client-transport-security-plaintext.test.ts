// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientTransportSecurityPlaintext } from "./client-transport-security-plaintext.ts";

describe(clientTransportSecurityPlaintext.id, () => {
  it("reports PLAINTEXT where it is set", async () => {
    const { found, marked, messages } = await compareMarks(
      clientTransportSecurityPlaintext,
      `
service Plain {
  option (service_client.client_config) = {
    transport_security: {
      mode: PLAINTEXT // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Mutual {
  option (service_client.client_config) = {
    transport_security: {mode: MUTUAL_TLS}
  };

  rpc GetOrder(Request) returns (Response);
}
service Silent {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("transport_security.mode is PLAINTEXT");
  });
});
