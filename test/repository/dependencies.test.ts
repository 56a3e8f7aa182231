// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/run-command.ts";
import { readWorkspaces } from "../support/workspaces.ts";

const page = readFileSync(join(root, "docs/dependencies.md"), "utf8");
const [publishedPart = "", developmentPart = "", licencesPart = ""] = page.split(/^## (?:Of dev|Lic).*$/m);

test("docs/dependencies.md lists what the published packages depend on", () => {
  const rows = new Map<string, { owners: string[]; version: string }>();
  for (const { folder, dependencies } of readWorkspaces()) {
    for (const [name, version] of Object.entries(dependencies).filter(([name]) => !name.startsWith("@talaria/"))) {
      rows.set(name, { owners: [...(rows.get(name)?.owners ?? []), folder].sort(), version });
    }
  }
  const expected = [...rows].map(([name, { owners, version }]) => [name, owners.join(", "), version, licenceOf(name)]);
  expect(rowsOf(publishedPart, 4)).toEqual(expected.sort());
});

test("docs/dependencies.md lists what development depends on", () => {
  const { devDependencies } = readJson("package.json");
  const expected = Object.entries<string>(devDependencies).map(([name, version]) => [name, version, licenceOf(name)]);
  expect(rowsOf(developmentPart, 3)).toEqual(expected.sort());
});

test("docs/dependencies.md lists every licence that is not one of the usual, whoever brings it", () => {
  const [, usual = ""] = /is under one of (.*?), but/s.exec(licencesPart) ?? [];
  const known = usual.split(/,\s+|\s+and\s+/);
  const isUsual = (licence = "none") =>
    licence
      .replaceAll(/[()]/g, "")
      .split(/ (?:AND|OR) /)
      .every((part) => known.includes(part));
  const unusual = new Map<string, string>();
  for (const [path, { license, link }] of Object.entries<LockedPackage>(readJson("package-lock.json").packages)) {
    // A binary of one platform belongs to the package that is named like it.
    const name = path.replace(/^.*node_modules\//, "").replace(/^(lightningcss)-.*/, "$1");
    if (path !== "" && link !== true && !isUsual(license)) {
      unusual.set(name, license ?? "none");
    }
  }
  expect(rowsOf(licencesPart, 2)).toEqual([...unusual].toSorted());
});

interface LockedPackage {
  readonly license?: string;
  readonly link?: boolean;
}

/** The first cells of each row of a table whose first cell is a name in code. */
function rowsOf(text: string, cells: number): string[][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, cells + 1))
    .map((row) => row.map((cell) => cell.trim().replaceAll("`", "")));
}

function licenceOf(name: string): string {
  return readJson(`node_modules/${name}/package.json`).license;
}

function readJson(path: string) {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}
