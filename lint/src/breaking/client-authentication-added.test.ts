// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientAuthenticationAdded } from "./client-authentication-added.ts";

describe(clientAuthenticationAdded.id, () => {
  it("reports more, or another, proof", async () => {
    const { found, marked, messages } = await compareMarks(
      clientAuthenticationAdded,
      `
service New {
  option (service_client.client_config) = {
    authentication: {
      scheme: BEARER // <- column 7
    }
  };

  rpc Get(Request) returns (Response);
  rpc Open(Request) returns (Response) {
    option (service_client.method_config) = {authentication: {scheme: NONE}};
  }
}
service Other {
  option (service_client.client_config) = {
    authentication: {
      scheme: BEARER // <- column 7
      audience: "b"
    }
  };

  rpc GetOrder(Request) returns (Response);
}
`,
      {
        against: `
service New {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc Get(Request) returns (Response);
  rpc Open(Request) returns (Response) {
    option (service_client.method_config) = {authentication: {scheme: NONE}};
  }
}
service Other {
  option (service_client.client_config) = {
    authentication: {scheme: BEARER audience: "a"}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("from NONE to BEARER");
    expect(messages.join()).toContain("This concerns Get.");
    expect(messages.join()).toContain("from BEARER for a to BEARER for b");
  });
});
