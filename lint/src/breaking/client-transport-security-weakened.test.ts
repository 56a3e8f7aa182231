// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientTransportSecurityWeakened } from "./client-transport-security-weakened.ts";

describe(clientTransportSecurityWeakened.id, () => {
  it("reports a weaker mode", async () => {
    const { found, marked, messages } = await compareMarks(
      clientTransportSecurityWeakened,
      `
service Weak {
  option (service_client.client_config) = {
    transport_security: {
      mode: TLS // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Strong {
  option (service_client.client_config) = {
    transport_security: {mode: TLS}
  };

  rpc GetOrder(Request) returns (Response);
}
service Default {
  option (service_client.client_config) = {
    transport_security: {
      mode: PLAINTEXT // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
`,
      {
        against: `
service Weak {
  option (service_client.client_config) = {
    transport_security: {mode: MUTUAL_TLS}
  };

  rpc GetOrder(Request) returns (Response);
}
service Strong {
  option (service_client.client_config) = {
    transport_security: {mode: PLAINTEXT}
  };

  rpc GetOrder(Request) returns (Response);
}
service Default {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("goes from MUTUAL_TLS to TLS");
    expect(messages.join()).toContain("goes from TLS to PLAINTEXT");
  });
});
