// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { checkText, compareMarks } from "../check-text.ts";
import { clientOptionRequired } from "./client-option-required.ts";

describe(clientOptionRequired.id, () => {
  it("reports the listed options that are missing, for a method when the option can be set there", async () => {
    const { found, marked, messages } = await compareMarks(
      clientOptionRequired,
      `
service Some { // <- column 1 <- column 1
  option (service_client.client_config) = {
    retry: {}
  };

  rpc GetOrder(Request) returns (Response);
  rpc ListOrders(Request) returns (Response) {
    option (service_client.method_config) = {max_concurrent_requests: 5};
  }
}
service All {
  option (service_client.client_config) = {
    max_concurrent_requests: 5
    health_check: {}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
      { options: { required_options: ["max_concurrent_requests", "health_check"] } },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("Not set: health_check.");
  });

  it("refuses an option that does not exist, and lists those that do", async () => {
    const options = { required_options: ["health_checks"] };
    await expect(checkText([clientOptionRequired], "service Orders {}", { options })).resolves.toEqual([]);
    const text = "service Orders { rpc Get(Request) returns (Response); }";
    await expect(checkText([clientOptionRequired], text, { options })).rejects.toThrow(
      'option "required_options" lists health_checks; it can list authentication, circuit_breaker, ',
    );
  });
});
