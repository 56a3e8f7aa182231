// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { checkHeaderName } from "./check-header-name.ts";

describe("checkHeaderName()", () => {
  test.each(["x-tenant-id", "x", "0", "a_b.c", "traceparent", "x-trace-bin", "constructor", "__proto__"])(
    "accepts %s",
    (name) => {
      expect(checkHeaderName(name)).toBeUndefined();
    },
  );

  test.each(["", " ", "x tenant", "x-ténant", ":authority", "x:y", "x\n", "{tenant}"])(
    "refuses %j as malformed",
    (name) => {
      expect(checkHeaderName(name)).toMatchObject({ code: "required-header-malformed", severity: "error" });
      expect(checkHeaderName(name)?.message).toContain("Write such a name, e.g. x-tenant-id.");
    },
  );

  test("says how a name with capitals is written", () => {
    expect(checkHeaderName("X-Tenant-Id")?.message).toBe(
      'required_headers names "X-Tenant-Id", which is no gRPC metadata key: keys are lower-case letters, digits, "_", "-" ' +
        'and ".". Write x-tenant-id.',
    );
  });

  test.each([
    ["authorization", "it carries credentials, which the authentication option asks for"],
    ["grpc-timeout", "names in grpc- belong to gRPC itself"],
    ["content-type", "gRPC fills it in"],
    ["te", "gRPC fills it in"],
    ["host", "HTTP/2 fills in :authority instead"],
    ["connection", "HTTP/2 forbids it"],
  ])("refuses %s, which callers cannot set", (name, because) => {
    expect(checkHeaderName(name)).toEqual({
      code: "required-header-reserved",
      severity: "error",
      message: `required_headers names ${name}, which callers cannot set: ${because}. Remove it.`,
    });
  });
});
