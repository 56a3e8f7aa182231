// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientOutlierDetectionPickFirst } from "./client-outlier-detection-pick-first.ts";

describe(clientOutlierDetectionPickFirst.id, () => {
  it("reports the pair", async () => {
    const { found, marked, messages } = await compareMarks(
      clientOutlierDetectionPickFirst,
      `
service Both {
  option (service_client.client_config) = {
    load_balancing: {
      policy: PICK_FIRST // <- column 7
      outlier_detection: {}
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service First {
  option (service_client.client_config) = {
    load_balancing: {policy: PICK_FIRST}
  };

  rpc GetOrder(Request) returns (Response);
}
service Robin {
  option (service_client.client_config) = {
    load_balancing: {outlier_detection: {}}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("nothing to compare it with");
  });
});
