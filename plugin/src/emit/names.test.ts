// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { compileProtos } from "../../../test/support/compile.ts";
import { createNamer } from "./names.ts";

function namesOf(...services: readonly string[]) {
  const text = `syntax = "proto3"; ${services.map((name) => `service ${name} {}`).join(" ")}`;
  const nameClient = createNamer();
  return compileProtos({ "test.proto": text }).getFile("test.proto")?.services.map(nameClient);
}

describe("createNamer()", () => {
  test("puts the first word in lower case where a value is named", () => {
    expect(
      namesOf("GreetingService", "IAMPolicy", "GRPC", "HTTP2Server", "snake_case")?.map(({ contract }) => contract),
    ).toEqual([
      "greetingServiceContract",
      "iamPolicyContract",
      "grpcContract",
      "http2ServerContract",
      "snake_caseContract",
    ]);
  });

  test("tells names apart that would be equal", () => {
    expect(namesOf("Foo", "foo", "createFoo")).toEqual([
      { contract: "fooContract", client: "FooClient", create: "createFooClient" },
      { contract: "fooContract$", client: "fooClient", create: "createfooClient" },
      { contract: "createFooContract", client: "createFooClient$", create: "createcreateFooClient" },
    ]);
  });
});
