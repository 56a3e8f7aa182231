// SPDX-License-Identifier: Apache-2.0
import { locateInSourceInfo } from "@talaria/contract";
import { describe, expect, test } from "vitest";
import { compileService } from "../../test/support/compile.ts";
import { checkNames } from "./check-names.ts";

function check(name: string, ...rpcs: readonly string[]) {
  const methods = rpcs.map((rpc) => `  rpc ${rpc}(Nothing) returns (Nothing);\n`).join("");
  const text = `syntax = "proto3";\nservice ${name} {\n${methods}}\nmessage Nothing {}\n`;
  return checkNames(compileService(text, name), locateInSourceInfo);
}

describe("checkNames()", () => {
  test.each(["await", "eval", "arguments"])("refuses service %s, which no module can declare", (name) => {
    expect(check(name)).toEqual([
      expect.objectContaining({
        code: "service-name-reserved",
        severity: "error",
        element: name,
        message: expect.stringContaining(
          `for example to ${name.replace(/^./, (letter) => letter.toUpperCase())}Service.`,
        ),
        location: { file: "test.proto", sourcePath: [6, 0], line: 2, column: 1 },
      }),
    ]);
  });

  test("refuses two rpcs that would be one method", () => {
    expect(check("Orders", "Get", "list", "get", "List")).toEqual([
      expect.objectContaining({
        code: "method-name-collision",
        element: "Orders.get",
        message: expect.stringContaining("rpc Get and rpc get of Orders would both be the method get"),
        location: expect.objectContaining({ line: 5, column: 3 }),
      }),
      expect.objectContaining({ element: "Orders.List", location: expect.objectContaining({ line: 6 }) }),
    ]);
  });

  test("lets pass keywords that protoc-gen-es escapes, and any rpc", () => {
    expect(["yield", "let", "static", "class", "undefined"].flatMap((name) => check(name))).toEqual([]);
    expect(check("Orders", "await", "eval", "arguments", "yield", "constructor", "then", "__proto__")).toEqual([]);
  });
});
