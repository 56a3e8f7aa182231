// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { docBlocks } from "../support/doc-blocks.ts";
import { root } from "../support/run-command.ts";
import { createWorkspace } from "./run-cli.ts";

const page = readFileSync(join(root, "docs/cli.md"), "utf8");

/** The codes that the sources can report: the word after `code:`, and what the readers of configs hand to `report`. */
function codesInSources(): readonly string[] {
  const files = globSync(["contract/src/import/*.ts", "cli/src/import/*.ts"], { cwd: root });
  const texts = files
    .filter((file) => !file.endsWith(".test.ts"))
    .map((file) => readFileSync(join(root, file), "utf8"));
  const codes = texts.flatMap((text) => [
    ...text.matchAll(/\bcode: "([a-z-]+)"/g),
    ...text.matchAll(/\b(?:note|leftOut)\(\s*"([a-z-]+)"/g),
    ...text.matchAll(/\breport\(\s*"(?:error|warning)",\s*"([a-z-]+)"/g),
  ]);
  return [...new Set(codes.map(([, code = ""]) => code))].sort();
}

test("docs/cli.md lists every code of the report, and no other", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const listed = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([a-z-]+)`/g)].map(([, code = ""]) => code),
  );
  expect(listed.toSorted()).toEqual(codesInSources());
});

test("docs/cli.md shows what verify really prints", async () => {
  const [example] = docBlocks(page).filter(({ language }) => language === "text");
  const greeting = readFileSync(join(root, "examples/greeting/proto/greeting.proto"), "utf8");
  using workspace = createWorkspace({ "greeting.proto": greeting });
  const file = "GreetingService.grpc_service_config.json";
  const emitted = readFileSync(join(root, "generated", file), "utf8");
  workspace.write(`gen/${file}`, emitted.replace("0.800000000s", "0.900000000s"));
  const { code, stdout } = await workspace.talaria("verify", "gen");
  expect([code, stdout.split("\n")[0]]).toEqual([1, example?.text.trimEnd()]);
});
