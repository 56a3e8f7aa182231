// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientEmptyAudience } from "./client-empty-audience.ts";

describe(clientEmptyAudience.id, () => {
  it("reports an empty audience", async () => {
    const { found, marked, messages } = await compareMarks(
      clientEmptyAudience,
      `
service Empty {
  option (service_client.client_config) = {
    authentication: {
      scheme: BEARER
      audience: "" // <- column 7
    }
  };

  rpc Get(Request) returns (Response);
  rpc List(Request) returns (Response) {
    option (service_client.method_config) = {authentication: {audience: "orders"}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("authentication.audience is empty");
  });
});
