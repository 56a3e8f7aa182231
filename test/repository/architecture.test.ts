// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, runOrFail } from "../support/run-command.ts";
import { readWorkspaces } from "../support/workspaces.ts";

const page = readFileSync(join(root, "docs/architecture.md"), "utf8");
const { stdout } = await runOrFail(["git", "ls-files"]);
const paths = stdout.split("\n");

test("docs/architecture.md lists every folder of the repository, and no other", () => {
  const folders = paths.filter((path) => path.includes("/")).map((path) => path.replace(/\/.*/, "/"));
  const visible = new Set(folders.filter((folder) => !folder.startsWith(".") && folder !== "docs/"));
  expect(rowsOf("| folder | package |").toSorted()).toEqual([...visible].toSorted());
});

test("docs/architecture.md lists every folder inside the packages, and nothing that does not exist", () => {
  const listed = rowsOf("| where | what |");
  expect(listed.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const inPackage = new RegExp(
    `^(?:${readWorkspaces()
      .map(({ folder }) => folder)
      .join("|")})/src/(?!gen/)[\\w-]+(?=/)`,
  );
  const folders = new Set(paths.map((path) => inPackage.exec(path)?.[0]));
  expect([...folders].filter((folder) => folder !== undefined && !listed.includes(folder))).toEqual([]);
});

/** The names in code of the first column of a table. */
function rowsOf(heading: string): string[] {
  const [, table = ""] = page.split(heading);
  const [rows = ""] = table.split("\n\n");
  return rows
    .split("\n")
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
}
