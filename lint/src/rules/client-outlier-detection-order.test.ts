// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientOutlierDetectionOrder } from "./client-outlier-detection-order.ts";

describe(clientOutlierDetectionOrder.id, () => {
  it("reports a base above the maximum", async () => {
    const { found, marked, messages } = await compareMarks(
      clientOutlierDetectionOrder,
      `
service Above {
  option (service_client.client_config) = {
    load_balancing: {
      outlier_detection: {
        base_ejection_time_millis: 300001 // <- column 9
      }
    }
  };

  rpc GetOrder(Request) returns (Response);
}
service Same {
  option (service_client.client_config) = {
    load_balancing: {outlier_detection: {base_ejection_time_millis: 300000}}
  };

  rpc GetOrder(Request) returns (Response);
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("300001 ms");
  });
});
