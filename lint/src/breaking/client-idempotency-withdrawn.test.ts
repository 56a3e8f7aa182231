// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientIdempotencyWithdrawn } from "./client-idempotency-withdrawn.ts";

describe(clientIdempotencyWithdrawn.id, () => {
  it("reports methods that callers try again", async () => {
    const { found, marked, messages } = await compareMarks(
      clientIdempotencyWithdrawn,
      `
service Withdrawn {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc Put(Request) returns (Response); // <- column 3
  rpc Get(Request) returns (Response) {
    option idempotency_level = IDEMPOTENT;
  }
  rpc Once(Request) returns (Response) {
    option (service_client.method_config) = {retry: {max_attempts: 1}};
  }
  rpc Never(Request) returns (Response);
}
`,
      {
        against: `
service Withdrawn {
  option (service_client.client_config) = {
    retry: {}
  };

  rpc Put(Request) returns (Response) {
    option idempotency_level = IDEMPOTENT;
  }
  rpc Get(Request) returns (Response) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc Once(Request) returns (Response) {
    option idempotency_level = IDEMPOTENT;
    option (service_client.method_config) = {retry: {max_attempts: 1}};
  }
  rpc Never(Request) returns (Response);
}
`,
      },
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("Put was IDEMPOTENT and says nothing now");
    expect(messages.join()).toContain("up to 3 attempts");
  });
});
