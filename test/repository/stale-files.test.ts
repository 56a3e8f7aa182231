// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { outputsOf, templates } from "../support/generators.ts";
import { compareFolders } from "./stale-files.ts";

const folder = mkdtempSync(join(tmpdir(), "talaria-stale-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test("compareFolders() finds what is missing, superfluous and different", () => {
  write("fresh/same.ts", "1");
  write("kept/same.ts", "1");
  write("fresh/deep/changed.ts", "801");
  write("kept/deep/changed.ts", "800");
  write("fresh/new.ts", "");
  write("kept/old.ts", "");
  expect(compareFolders(join(folder, "fresh"), join(folder, "kept"))).toEqual([
    "deep/changed.ts differs from what its sources generate",
    "new.ts is missing",
    "old.ts is no longer generated",
  ]);
});

test("compareFolders() is content with equal folders", () => {
  expect(compareFolders(join(folder, "fresh"), join(folder, "fresh"))).toEqual([]);
});

test("every template of the repository is found, and what it fills", () => {
  expect(templates).toEqual(expect.arrayContaining(["buf.gen.yaml", "contract/buf.gen.yaml", "lint/buf.gen.yaml"]));
  expect(outputsOf("buf.gen.yaml")).toEqual(["generated"]);
  expect(outputsOf("contract/buf.gen.yaml")).toEqual(["contract/src/gen"]);
});
