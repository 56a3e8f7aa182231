// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, runOrFail } from "./run-command.ts";

/** The templates of `buf generate` in this repository: the root's, and one in each package that needs it. */
export const templates: readonly string[] = globSync("{*/,}buf.gen.yaml", {
  cwd: root,
  exclude: ["node_modules"],
}).sort();

/** The folders that a template fills. */
export function outputsOf(template: string): string[] {
  const outputs = readFileSync(join(root, template), "utf8").matchAll(/^ +out: (\S+)$/gm);
  return [...new Set([...outputs].map(([, folder = ""]) => folder))];
}

/**
 * Generates from every template, below a folder.
 *
 * @throws an Error with what buf says when it cannot generate.
 */
export async function generate(folder: string): Promise<void> {
  await Promise.all(
    templates.map((template) => runOrFail(["buf", "generate", "--template", template, "--output", folder])),
  );
}
