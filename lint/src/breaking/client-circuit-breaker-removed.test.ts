// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerRemoved } from "./client-circuit-breaker-removed.ts";

describe(clientCircuitBreakerRemoved.id, () => {
  it("reports methods that lost their breaker", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerRemoved,
      `
service Lost {
  option (service_client.client_config) = {
    circuit_breaker: {}
  };

  rpc Get(Request) returns (Response);
  rpc List(Request) returns (Response) {
    option (service_client.method_config) = {
      circuit_breaker: {
        enabled: false // <- column 9
      }
    };
  }
  rpc Off(Request) returns (Response) {
    option (service_client.method_config) = {circuit_breaker: {enabled: false}};
  }
}
service Never {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
      {
        against: `
service Lost {
  option (service_client.client_config) = {
    circuit_breaker: {}
  };

  rpc Get(Request) returns (Response);
  rpc List(Request) returns (Response);
  rpc Off(Request) returns (Response) {
    option (service_client.method_config) = {circuit_breaker: {enabled: false}};
  }
}
service Never {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("The circuit breaker is gone");
  });
});
