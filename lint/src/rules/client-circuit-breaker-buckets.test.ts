// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerBuckets } from "./client-circuit-breaker-buckets.ts";

describe(clientCircuitBreakerBuckets.id, () => {
  it("reports more than 1000 buckets", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerBuckets,
      `
service Many {
  option (service_client.client_config) = {
    circuit_breaker: {
      counter_update_interval_millis: 10 // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Most {
  option (service_client.client_config) = {
    circuit_breaker: {counter_update_interval_millis: 20}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("2000 buckets");
  });
});
