// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { escapingImports, machinePaths, missingLicences, registryAddresses } from "./source-rules.ts";

const licence = "// SPDX-License-Identifier: Apache-2.0\n";

describe("missingLicences()", () => {
  test.each([
    ["a.ts", licence],
    ["bin/a.js", `#!/usr/bin/env node\n${licence}`],
    [".ci/run", "#!/usr/bin/env bash\n# SPDX-License-Identifier: Apache-2.0\n"],
    ["README.md", "# Talaria\n"],
  ])("accepts %s", (path, text) => {
    expect(missingLicences(new Map([[path, text]]))).toEqual([]);
  });

  test.each([
    ["a.ts", "export const a = 1;\n"],
    ["a.mjs", `\n${licence}`],
    [".ci/run", "#!/usr/bin/env bash\necho\n"],
  ])("finds %s", (path, text) => {
    expect(missingLicences(new Map([[path, text]]))).toEqual([expect.stringContaining(`${path}:1: `)]);
  });
});

describe("machinePaths()", () => {
  // Written in two parts, so that this file is not found itself.
  test.each(["home/ada", "root/talaria", "tmp/x", "Users/ada"])("finds /%s at its line", (path) => {
    expect(machinePaths(new Map([["a.md", `one\nsee /${path} there\n`]]))).toEqual([
      "a.md:2: names a path of one machine",
    ]);
  });

  test.each(["docs/home/ada", "https://example.org/home/ada", "./tmp/x", "$" + "{folder}/tmp/x"])(
    "accepts %s",
    (path) => {
      expect(machinePaths(new Map([["a.md", `see ${path}\n`]]))).toEqual([]);
    },
  );
});

// What they find is written in two parts here, so that this file is not found itself.
describe("registryAddresses()", () => {
  test("finds a registry in the lock file", () => {
    const text =
      '{\n"a": { "resolved"' + ': "https://example.org/a.tgz" },\n"b": { "resolved": "contract", "link": true }\n}';
    expect(registryAddresses(new Map([["package-lock.json", text]]))).toEqual([
      "package-lock.json:2: names a registry's address",
    ]);
  });

  // Written in two parts, so that this file is not found itself.
  test.each([
    "https:" + "//registry.example.org/a",
    "see http:" + "//npm.mirror.example.org",
    "registry=http" + "://npm.example.org",
  ])("finds %s", (line) => {
    expect(registryAddresses(new Map([["docs/a.md", line]]))).toHaveLength(1);
  });

  test.each(["https://example.org/schema-registry", "const registry = 1", "not on a registry yet"])(
    "accepts %s",
    (line) => {
      expect(registryAddresses(new Map([["a.ts", line]]))).toEqual([]);
    },
  );
});

describe("escapingImports()", () => {
  const path = "plugin/src/emit/client.ts";

  test.each([
    'import { a } from "../../../runtime/src/client.ts";',
    'import "../../../test/support/compile.ts";',
    'await import("../../../cli/src/main.ts");',
    'export { a } from "../../../contract/src/a.ts";',
  ])("finds %s", (line) => {
    expect(escapingImports(new Map([[path, line]]))).toHaveLength(1);
  });

  test.each([
    'import { a } from "@talaria/contract";',
    'import { a } from "../names.ts";',
    'import fs from "node:fs";',
  ])("accepts %s", (line) => {
    expect(escapingImports(new Map([[path, line]]))).toEqual([]);
  });

  test("lets tests reach what tests share", () => {
    const line = 'import { a } from "../../../test/support/compile.ts";';
    expect(escapingImports(new Map([["plugin/src/emit/client.test.ts", line]]))).toEqual([]);
  });
});
