// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { checkText } from "../check-text.ts";
import { clientConfigRequired } from "./client-config-required.ts";

describe("CLIENT_CONFIG_REQUIRED", () => {
  it("reports a service without options at its own line", async () => {
    const findings = await checkText(
      [clientConfigRequired],
      `syntax = "proto3";
package shop.v1;
message Empty {}
service First {
  rpc Get(Empty) returns (Empty);
}
  service Second {}
`,
    );
    expect(findings).toEqual([
      {
        rule: "CLIENT_CONFIG_REQUIRED",
        line: 4,
        column: 1,
        message: expect.stringMatching(/^shop\.v1\.First does not/),
      },
      {
        rule: "CLIENT_CONFIG_REQUIRED",
        line: 7,
        column: 3,
        message: expect.stringMatching(/^shop\.v1\.Second does not/),
      },
    ]);
    expect(findings[0]?.message).toMatchInlineSnapshot(
      `"shop.v1.First does not say how its clients must behave, so each of them waits without a limit and makes up its own retries. Write import "service_client_config.proto"; at the top, and in the service, with numbers of your own: option (service_client.client_config) = { response_timeout_millis: 800 retry { max_attempts: 3 } circuit_breaker {} transport_security { mode: TLS } }; (CLIENT_CONFIG_REQUIRED)"`,
    );
  });

  it("is silent when the service says anything at all, in either notation", async () => {
    const findings = await checkText(
      [clientConfigRequired],
      `syntax = "proto3";
package shop.v1;
import "service_client_config.proto";
service One {
  option (service_client.client_config).response_timeout_millis = 800;
}
service Two {
  option (service_client.client_config) = {};
}
`,
    );
    expect(findings).toEqual([]);
  });

  it("reports a service that annotates only a method", async () => {
    const findings = await checkText(
      [clientConfigRequired],
      `syntax = "proto3";
package shop.v1;
import "service_client_config.proto";
message Empty {}
service Half {
  rpc Get(Empty) returns (Empty) {
    option (service_client.method_config).response_timeout_millis = 800;
  }
}
`,
    );
    expect(findings).toMatchObject([{ line: 5, column: 1 }]);
  });
});
