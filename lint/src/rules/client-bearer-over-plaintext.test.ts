// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientBearerOverPlaintext } from "./client-bearer-over-plaintext.ts";

describe(clientBearerOverPlaintext.id, () => {
  it("reports a token in the clear", async () => {
    const { found, marked, messages } = await compareMarks(
      clientBearerOverPlaintext,
      `
service Clear {
  option (service_client.client_config) = {
    transport_security: {mode: PLAINTEXT}
    authentication: {
      scheme: BEARER // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Sound {
  option (service_client.client_config) = {
    transport_security: {mode: TLS}
    authentication: {scheme: BEARER}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("can read the token");
  });
});
