// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientAuthenticationRemoved } from "./client-authentication-removed.ts";

describe(clientAuthenticationRemoved.id, () => {
  it("reports methods that anybody may call now", async () => {
    const { found, marked, messages } = await compareMarks(
      clientAuthenticationRemoved,
      `
service Lost {
  option (service_client.client_config) = {
    authentication: {scheme: BEARER}
  };

  rpc Get(Request) returns (Response) {
    option (service_client.method_config) = {
      authentication: {
        scheme: NONE // <- column 9
      }
    };
  }
  rpc Open(Request) returns (Response) {
    option (service_client.method_config) = {authentication: {scheme: NONE}};
  }
}
`,
      {
        against: `
service Lost {
  option (service_client.client_config) = {
    authentication: {scheme: BEARER}
  };

  rpc Get(Request) returns (Response);
  rpc Open(Request) returns (Response) {
    option (service_client.method_config) = {authentication: {scheme: NONE}};
  }
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("from BEARER to NONE");
  });
});
