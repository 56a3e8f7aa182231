// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { exampleSpec } from "./example-spec.ts";
import { type Finding, lintRule, type Rule } from "./rule.ts";
import { type CheckFilesInit, checkFiles } from "./testing.ts";

const pathOf = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const buf = pathOf("node_modules/.bin/buf");
const cacheFolder = pathOf("node_modules/.cache/talaria-images");

const files = {
  "a/v1/a.proto": `syntax = "proto3";
package a.v1;
import "b/v1/b.proto";
message Outer {
  message Inner {}
}
service Big {
  rpc One(Outer.Inner) returns (b.v1.Empty);
  rpc Two(Outer) returns (b.v1.Empty);
    rpc Three(Outer) returns (b.v1.Empty);
  rpc Four(Outer) returns (b.v1.Empty);
}
`,
  "b/v1/b.proto": `syntax = "proto3";
package b.v1;
message Empty {}
service Small {}
`,
};

function check(init: Partial<CheckFilesInit>) {
  return checkFiles({ spec: exampleSpec, files, buf, cacheFolder, ...init });
}

/** Runs a rule that does what it is told. */
function run(body: Rule["check"]) {
  const rule = lintRule({ id: "ANY", purpose: "Checks.", categories: ["EXAMPLE"], check: body });
  return check({ spec: { ...exampleSpec, rules: [rule] } });
}

const at = (sourcePath: readonly number[]): Finding => ({
  at: { file: "a/v1/a.proto", sourcePath },
  message: "Here.",
});

describe("runRules()", () => {
  it("runs the default rules when none is named, with exact places", async () => {
    const message = "Big has 4 methods, not 2.";
    expect(await check({})).toEqual([
      { rule: "EXAMPLE_METHOD_LIMIT", file: "a/v1/a.proto", line: 10, column: 5, message },
    ]);
  });

  it("runs a rule that is off by default only when it is named", async () => {
    const report = (id: string, isDefault: boolean) =>
      lintRule({
        id,
        purpose: "Checks.",
        categories: ["EXAMPLE"],
        isDefault,
        check: (_, tell) => tell(at([6, 0])),
      });
    const spec = { ...exampleSpec, rules: [report("RULE_ON", true), report("RULE_OFF", false)] };
    expect((await check({ spec })).map(({ rule }) => rule)).toEqual(["RULE_ON"]);
    expect((await check({ spec, rules: ["RULE_OFF"] })).map(({ rule }) => rule)).toEqual(["RULE_OFF"]);
  });

  it("hands options to rules", async () => {
    expect(await check({ options: { method_limit: 3 } })).toMatchObject([{ line: 11, column: 3 }]);
    expect(await check({ options: { method_limit: 4 } })).toEqual([]);
    await expect(check({ options: { method_limit: "four" } })).rejects.toThrow('option "method_limit" is "four"');
  });

  it("compares with an earlier state", async () => {
    const against = {
      ...files,
      "a/v1/a.proto": files["a/v1/a.proto"].replace("rpc One", "rpc Zero(Outer) returns (Outer);\nrpc One"),
    };
    expect(await check({ rules: ["EXAMPLE_METHOD_KEPT"], against })).toMatchObject([
      { line: 7, column: 1, message: "Big lost Zero." },
    ]);
    expect(await check({ rules: ["EXAMPLE_METHOD_KEPT"], against: files })).toEqual([]);
  });

  it("refuses a rule that it does not have", async () => {
    await expect(check({ rules: ["NOPE"] })).rejects.toThrow("buf-plugin-example has no rule NOPE");
  });

  it("moves a place without source information to the nearest around it", async () => {
    const findings = await run((_, report) => [[6, 0, 2, 1, 77, 5], [6, 0, 3], [99], []].map(at).forEach(report));
    expect(findings.map(({ line, column }) => [line, column])).toEqual([
      [1, 1],
      [1, 1],
      [7, 1],
      [9, 3],
    ]);
  });

  it("fails when a rule throws, rejects, or reports what buf cannot print", async () => {
    const bug = (reason: string) => `rule ANY failed, which is a bug of buf-plugin-example: ${reason}`;
    await expect(
      run(() => {
        throw new Error("oops");
      }),
    ).rejects.toThrow(bug("oops"));
    await expect(run(() => Promise.reject(new Error("later")))).rejects.toThrow(bug("later"));
    await expect(run((_, report) => report({ ...at([6, 0]), message: "" }))).rejects.toThrow(bug("it reported a"));
    await expect(
      run((_, report) => report({ at: { file: "c.proto", sourcePath: [] }, message: "There." })),
    ).rejects.toThrow("a finding in c.proto, which is not among the files");
  });

  it("waits for a rule that takes its time", async () => {
    const findings = await run(async (_, report) => {
      await Promise.resolve();
      report(at([6, 0]));
    });
    expect(findings).toMatchObject([{ line: 7 }]);
  });

  it("gives whole descriptors to rules that ask for them", async () => {
    const findings = await run(({ current }, report) => {
      const inner = current.registry.getMessage("a.v1.Outer.Inner");
      if (inner !== undefined) {
        report({ at: inner, message: [...current.files.values()].map(({ name }) => name).join() });
      }
    });
    expect(findings).toMatchObject([{ line: 5, column: 3, message: "a/v1/a.proto,b/v1/b.proto" }]);
  });

  it("shows services without the fields of their messages, and none of imports", async () => {
    const spec = {
      "c.proto":
        'syntax = "proto3";\nimport "google/protobuf/type.proto";\nservice C { rpc D(google.protobuf.Type) returns (google.protobuf.Type); }\n',
    };
    const rule = lintRule({
      id: "ANY",
      purpose: "Checks.",
      categories: ["EXAMPLE"],
      check({ current }, report) {
        const [service, ...others] = current.services;
        const method = service?.methods[0];
        if (method !== undefined) {
          const { typeName, fields } = method.input;
          report({ at: method, message: `${typeName} ${fields.length} ${others.length}` });
        }
      },
    });
    const findings = await check({ files: spec, spec: { ...exampleSpec, rules: [rule] } });
    expect(findings).toMatchObject([{ line: 3, column: 13, message: "google.protobuf.Type 0 0" }]);
  });
});
