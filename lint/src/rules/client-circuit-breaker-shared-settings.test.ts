// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientCircuitBreakerSharedSettings } from "./client-circuit-breaker-shared-settings.ts";

describe(clientCircuitBreakerSharedSettings.id, () => {
  it("reports a method that wants something else of a shared breaker", async () => {
    const { found, marked, messages } = await compareMarks(
      clientCircuitBreakerSharedSettings,
      `
service Shared {
  option (service_client.client_config) = {
    circuit_breaker: {scope: SERVICE}
  };

  rpc One(Request) returns (Response);
  rpc Two(Request) returns (Response) {
    option (service_client.method_config) = {
      circuit_breaker: {minimum_request_threshold: 50} // <- column 25
    };
  }
  rpc Three(Request) returns (Response) {
    option (service_client.method_config) = {circuit_breaker: {enabled: false}};
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("minimum_request_threshold 50 instead of 10");
  });
});
