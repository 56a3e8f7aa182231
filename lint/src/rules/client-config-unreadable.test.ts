// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { compareMarks } from "../check-text.ts";
import { clientConfigUnreadable } from "./client-config-unreadable.ts";

describe(clientConfigUnreadable.id, () => {
  it("reports another option with the number of the annotation", async () => {
    const { found, marked, messages } = await compareMarks(
      clientConfigUnreadable,
      `
syntax = "proto2";
package shop.v1;
import "google/protobuf/descriptor.proto";
extend google.protobuf.ServiceOptions { optional string owner = 999999; }
extend google.protobuf.MethodOptions { optional Limits limits = 999999; }
message Limits { optional int32 unknown = 900; }
service Orders {
  option (owner) = "team-orders"; // <- column 3
  rpc Get(Limits) returns (Limits) {
    option (limits).unknown = 7; // <- column 5
  }
}
`,
    );
    expect(found).toEqual(marked);
    expect(messages.join()).toContain("cannot be read");
    expect(messages.join()).toContain("Field 900 of");
  });
});
