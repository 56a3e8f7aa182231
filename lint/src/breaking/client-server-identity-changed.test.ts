// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientServerIdentityChanged } from "./client-server-identity-changed.ts";

describe(clientServerIdentityChanged.id, () => {
  it("reports names that are gone, and names where there were none", async () => {
    const { found, marked, messages } = await compareMarks(
      clientServerIdentityChanged,
      `
service Gone {
  option (service_client.client_config) = {
    transport_security: {
     server_identity: ["b.example", "c.example"] // <- column 6
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Empty { // <- column 1
  option (service_client.client_config) = {
    transport_security: {mode: TLS}
  };

  rpc GetOrder(Request) returns (Response);
}
service New {
  option (service_client.client_config) = {
    transport_security: {
      server_identity: "a.example" // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Order {
  option (service_client.client_config) = {
    transport_security: {server_identity: ["c.example", "b.example", "a.example"]}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
      {
        against: `
service Gone {
  option (service_client.client_config) = {
    transport_security: {server_identity: ["a.example", "b.example"]}
  };

  rpc GetOrder(Request) returns (Response);
}
service Empty {
  option (service_client.client_config) = {
    transport_security: {server_identity: "a.example"}
  };

  rpc GetOrder(Request) returns (Response);
}
service New {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response);
}
service Order {
  option (service_client.client_config) = {
    transport_security: {server_identity: ["a.example", "b.example"]}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("loses a.example");
    expect(messages.join()).toContain("is gone");
    expect(messages.join()).toContain("none had to have");
  });
});
