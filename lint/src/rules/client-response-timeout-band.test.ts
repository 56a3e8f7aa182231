// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientResponseTimeoutBand } from "./client-response-timeout-band.ts";

describe(clientResponseTimeoutBand.id, () => {
  it("reports timeouts outside 5 ms to 60 s", async () => {
    const { found, marked, messages } = await compareMarks(
      clientResponseTimeoutBand,
      `
service Off {
  option (service_client.client_config) = {
    response_timeout_millis: 60001 // <- column 5
  };

  rpc GetOrder(Request) returns (Response);
  rpc Fast(Request) returns (Response) {
    option (service_client.method_config) = {
      response_timeout_millis: 4 // <- column 7
    };
  }
}
service Sound {
  option (service_client.client_config) = {
    response_timeout_millis: 60000
  };

  rpc GetOrder(Request) returns (Response);
  rpc Fast(Request) returns (Response) {
    option (service_client.method_config) = {response_timeout_millis: 5};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("more than 60000 ms");
    expect(messages.join()).toContain("less than 5 ms");
  });

  it("takes other bounds from buf.yaml", async () => {
    const { found, marked, messages } = await compareMarks(
      clientResponseTimeoutBand,
      `
service Orders {
  option (service_client.client_config) = {
    response_timeout_millis: 3000 // <- column 5
  };

  rpc GetOrder(Request) returns (Response);
  rpc Fast(Request) returns (Response) {
    option (service_client.method_config).response_timeout_millis = 99; // <- column 5
  }
}
`,
      { options: { timeout_minimum_millis: 100, timeout_maximum_millis: 2000 } },
    );
    expect(found).toEqual(marked);
    expect(messages[0]).toContain("more than 2000 ms");
  });
});
