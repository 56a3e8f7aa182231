// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientStatusCodeOk } from "./client-status-code-ok.ts";

describe(clientStatusCodeOk.id, () => {
  it("reports OK in each kind of list", async () => {
    const { found, marked, messages } = await compareMarks(
      clientStatusCodeOk,
      `
service Ok {
  option (service_client.client_config) = {
    circuit_breaker: {
      failure_status_codes: UNAVAILABLE
      failure_status_codes: OK // <- column 7
    }
    retry: {
      retryable_status_codes: OK // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("lists OK");
  });
});
