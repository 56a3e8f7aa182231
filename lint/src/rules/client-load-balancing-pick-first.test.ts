// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientLoadBalancingPickFirst } from "./client-load-balancing-pick-first.ts";

describe(clientLoadBalancingPickFirst.id, () => {
  it("reports PICK_FIRST where it is set", async () => {
    const { found, marked, messages } = await compareMarks(
      clientLoadBalancingPickFirst,
      `
service First {
  option (service_client.client_config) = {
    load_balancing: {
      policy: PICK_FIRST // <- column 7
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Weighted {
  option (service_client.client_config) = {
    load_balancing: {policy: WEIGHTED_ROUND_ROBIN}
  };

  rpc GetOrder(Request) returns (Response);
}
service Silent {
  option (service_client.client_config) = {
    response_timeout_millis: 1
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("load_balancing.policy is PICK_FIRST");
  });
});
