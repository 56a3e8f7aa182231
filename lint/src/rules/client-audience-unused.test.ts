// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientAudienceUnused } from "./client-audience-unused.ts";

describe(clientAudienceUnused.id, () => {
  it("reports an audience without a token", async () => {
    const { found, marked, messages } = await compareMarks(
      clientAudienceUnused,
      `
service Alone {
  option (service_client.client_config) = {
    authentication: {
      audience: "orders" // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Token {
  option (service_client.client_config) = {
    authentication: {scheme: BEARER audience: "orders"}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("no effect with scheme NONE");
  });
});
