// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { root } from "../support/run-command.ts";
import { compareFolders, generators } from "./stale-files.ts";

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

test("the check generates what `npm run generate` generates", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const runs = scripts.generate.split(" && ").filter((command: string) => command.startsWith("buf generate"));
  const templates = runs.map((command: string) => command.split(" --template ")[1] ?? "buf.gen.yaml");
  expect(templates).toEqual(generators.map(({ template }) => template));
});
