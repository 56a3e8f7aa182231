// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { undocumentedExports } from "./undocumented-exports.ts";

const manifest = JSON.stringify({
  exports: { ".": { "talaria-source": "./src/index.ts", default: "./dist/index.js" } },
});

function findingsOf(files: Readonly<Record<string, string>>): string[] {
  const inPackage = Object.entries(files).map(([path, text]): [string, string] => [`contract/src/${path}`, text]);
  return undocumentedExports(new Map([["contract/package.json", manifest], ...inPackage]));
}

test("accepts documented functions, types and constants, under another name too", () => {
  const a =
    "/** A. */\nexport function a() {}\n/**\n * B.\n */\nexport interface B {}\n/** C. */\nexport const c = 1;\n";
  expect(findingsOf({ "index.ts": 'export { a, type B, c as d } from "./a.ts";\n', "a.ts": a })).toEqual([]);
});

test("finds an export without a doc comment, where it is declared", () => {
  const a = "/** A. */\nexport function a() {}\n\nexport async function b() {}\n";
  expect(findingsOf({ "index.ts": 'export {\n  a,\n  b,\n} from "./a.ts";\n', "a.ts": a })).toEqual([
    "contract/src/a.ts:4: b is public and has no doc comment",
  ]);
});

test("follows an export through another file", () => {
  const files = {
    "index.ts": 'export { b } from "./a.ts";\n',
    "a.ts": 'export { b } from "./deep/b.ts";\n',
    "deep/b.ts": "export class b {}\n",
  };
  expect(findingsOf(files)).toEqual(["contract/src/deep/b.ts:1: b is public and has no doc comment"]);
});

test("finds an export declared in the public file itself", () => {
  expect(findingsOf({ "index.ts": "export const a = 1;\n" })).toEqual([
    "contract/src/index.ts:1: a is public and has no doc comment",
  ]);
});

test("finds a public file that does not exist", () => {
  expect(findingsOf({})).toEqual(["contract/src/index.ts: package.json exports this file, and there is none"]);
});
