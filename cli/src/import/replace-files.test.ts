// SPDX-License-Identifier: Apache-2.0
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFiles } from "./replace-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "talaria-replace-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const change = (name: string): { path: string; before: string; after: string } => ({
  path: at(name),
  before: `old ${name}`,
  after: `new ${name}`,
});

test("replaces every file and leaves nothing else behind", () => {
  writeFileSync(at("a"), "old a");
  writeFileSync(at("b"), "old b");
  chmodSync(at("b"), 0o640);
  replaceFiles([change("a"), change("b")]);
  expect([readFileSync(at("a"), "utf8"), readFileSync(at("b"), "utf8")]).toEqual(["new a", "new b"]);
  expect(statSync(at("b")).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).sort()).toEqual(["a", "b"]);
});

test("follows a link instead of replacing it", () => {
  writeFileSync(at("a"), "old b");
  symlinkSync("a", at("b"));
  replaceFiles([change("b")]);
  expect(lstatSync(at("b")).isSymbolicLink()).toBe(true);
  expect(readFileSync(at("a"), "utf8")).toBe("new b");
});

test("replaces none when one has changed in the meantime", () => {
  writeFileSync(at("a"), "old a");
  writeFileSync(at("b"), "somebody else's b");
  expect(() => replaceFiles([change("a"), change("b")])).toThrow("b has changed in the meantime");
  expect(readFileSync(at("a"), "utf8")).toBe("old a");
  expect(readdirSync(folder).sort()).toEqual(["a", "b"]);
});

test("puts back what it has replaced when a later file cannot be", () => {
  writeFileSync(at("a"), "old a");
  mkdirSync(at("c"));
  writeFileSync(join(at("c"), "b"), "old c/b");
  // Node has no way to make a rename fail for root, but a draft whose folder is gone does.
  const gone = {
    ...change("c/b"),
    get after() {
      rmSync(at("c"), { recursive: true });
      return "new";
    },
  };
  expect(() => replaceFiles([change("a"), gone])).toThrow();
  expect(readFileSync(at("a"), "utf8")).toBe("old a");
  expect(readdirSync(folder)).toEqual(["a"]);
});
