// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerHairTrigger } from "./client-circuit-breaker-hair-trigger.ts";

describe(clientCircuitBreakerHairTrigger.id, () => {
  it("reports a breaker that one failure opens", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerHairTrigger,
      `
service Half {
  option (service_client.client_config) = {
    circuit_breaker: {
      minimum_request_threshold: 2 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Tenth {
  option (service_client.client_config) = {
    circuit_breaker: {
      failure_rate_threshold: 0.1 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Sound {
  option (service_client.client_config) = {
    circuit_breaker: {failure_rate_threshold: 0.11}
  };

  rpc GetOrder(Request) returns (Response);
}
service Off {
  option (service_client.client_config) = {
    circuit_breaker: {enabled: false minimum_request_threshold: 1}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("1 of 2 (circuit_breaker.minimum_request_threshold) is 50 %, and 50 %");
    expect(messages.join()).toContain("Write minimum_request_threshold: 20.");
  });
});
