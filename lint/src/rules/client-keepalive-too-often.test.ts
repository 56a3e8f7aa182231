// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientKeepaliveTooOften } from "./client-keepalive-too-often.ts";

describe(clientKeepaliveTooOften.id, () => {
  it("reports pings below the server's minimum", async () => {
    const { found, marked, messages } = await compareMarks(
      clientKeepaliveTooOften,
      `
service Often {
  option (service_client.client_config) = {
    keepalive: {
      time_millis: 299999 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Sound {
  option (service_client.client_config) = {
    keepalive: {time_millis: 9000 server_min_time_millis: 9000}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("too_many_pings");
  });
});
