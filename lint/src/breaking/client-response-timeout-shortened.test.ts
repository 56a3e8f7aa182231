// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { checkText, compareMarks } from "../check-text.ts";
import { clientResponseTimeoutShortened } from "./client-response-timeout-shortened.ts";

describe(clientResponseTimeoutShortened.id, () => {
  it("reports a timeout below half of what it was", async () => {
    const { found, marked, messages } = await compareMarks(
      clientResponseTimeoutShortened,
      `
service Cut {
  option (service_client.client_config) = {
    response_timeout_millis: 399 // <- column 5
  };

  rpc Get(Request) returns (Response);
  rpc List(Request) returns (Response) {
    option (service_client.method_config) = {
      response_timeout_millis: 999 // <- column 7
    };
  }
  rpc Watch(Request) returns (stream Response) {
    option (service_client.method_config) = {response_timeout_millis: 0};
  }
}
`,
      {
        against: `
service Cut {
  option (service_client.client_config) = {
    response_timeout_millis: 800
  };

  rpc Get(Request) returns (Response);
  rpc List(Request) returns (Response) {
    option (service_client.method_config) = {response_timeout_millis: 2000};
  }
  rpc Watch(Request) returns (stream Response);
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("goes from 800 ms to 399 ms, below 50 %");
    expect(messages.join()).toContain("This concerns Get.");
  });

  it("takes another share from buf.yaml, and leaves exempt packages alone", async () => {
    const text = (ms: number) => `service S {
      option (service_client.client_config).response_timeout_millis = ${ms};
      rpc Get(Request) returns (Response);
    }`;
    const check = (ms: number, options: Record<string, number | string[]>) =>
      checkText([clientResponseTimeoutShortened], text(ms), { against: text(1000), options });
    expect(await check(899, { timeout_share_minimum: 0.9 })).toHaveLength(1);
    expect(await check(900, { timeout_share_minimum: 0.9 })).toEqual([]);
    expect(await check(100, { exempt_packages: ["shop"] })).toEqual([]);
  });
});
