// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { commandsOf, docBlocks } from "../support/doc-blocks.ts";
import { root, runCommand } from "../support/run-command.ts";
import { inspectFragment, lintFragment, policyTexts } from "./proto-fragment.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = docBlocks(readme);
const textOf = (language: string): string => blocks.find((block) => block.language === language)?.text ?? "";

const folder = mkdtempSync(join(tmpdir(), "talaria-readme-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("README.md", () => {
  test("shows no command that continuous integration does not run", () => {
    const shown = blocks.filter(({ language }) => language === "sh").flatMap(commandsOf);
    const [, list = ""] = /^commands=\(\n(.*?)^\)$/ms.exec(readFileSync(join(root, ".ci/run"), "utf8")) ?? [];
    const run = [...list.matchAll(/"(.*)"/g)].map(([, command]) => command);
    expect(shown).toEqual(["npm ci && npm run demo", "npm ci && npm test"]);
    expect(run).toEqual(expect.arrayContaining(shown));
  });

  test("leads to every page and to every package", () => {
    const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { workspaces: string[] };
    const packages = workspaces.map((folder) => `${folder}/README.md`).filter((path) => existsSync(join(root, path)));
    const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
    const links = [...readme.matchAll(/\]\(([^):]+)\)/g)].map(([, path]) => path);
    expect(links).toEqual(expect.arrayContaining([...pages.map((name) => `docs/${name}`), ...packages]));
    expect(packages).toContain("runtime/README.md");
  });

  test("shows a contract without a fault", async () => {
    const { diagnostics, annotated } = inspectFragment(textOf("proto"));
    expect(diagnostics).toEqual([]);
    expect(annotated).toBe(true);
    expect(await lintFragment(textOf("proto"))).toEqual([]);
  });

  test("shows what an editor shows of that contract", () => {
    const shown = policyTexts(inspectFragment(textOf("proto"))).map(({ method, sentences }) =>
      [method, ...sentences.map((sentence) => `- ${sentence}`), ""].join("\n"),
    );
    expect(textOf("text")).toBe(shown.join("\n"));
  });

  test("shows code that compiles against a generated client", async () => {
    const snippet = textOf("ts").replace("./gen/", `${root}generated/`).replace("_client.js", "_client.ts");
    writeFileSync(join(folder, "snippet.mts"), snippet);
    const compilerOptions = {
      noEmit: true,
      isolatedDeclarations: false,
      rewriteRelativeImportExtensions: false,
      typeRoots: [`${root}node_modules/@types`],
      paths: { "@talaria/runtime": [`${root}runtime/src/index.ts`] },
    };
    const config = { extends: `${root}tsconfig.base.json`, compilerOptions, files: ["snippet.mts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const { stdout } = await runCommand(["tsc", "-p", join(folder, "tsconfig.json")]);
    expect(stdout).toBe("");
  });
});

test("CONTRIBUTING.md explains every script, once, and no other", () => {
  const page = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const commands = Object.keys(scripts).map((name) => (name === "test" ? "npm test" : `npm run ${name}`));
  const rows = [...page.matchAll(/^\| `(npm [^`]+)` \|/gm)].map(([, command]) => command);
  expect(rows.toSorted()).toEqual(commands.toSorted());
});
