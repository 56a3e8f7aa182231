// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, runOrFail } from "../support/run-command.ts";

/** Texts by path from the root of the repository. */
export type SourceFiles = ReadonlyMap<string, string>;

/** Reads the files that git knows or would add, without binaries. */
export async function readTextFiles(): Promise<SourceFiles> {
  const { stdout } = await runOrFail(["git", "ls-files", "--cached", "--others", "--exclude-standard"]);
  const paths = stdout.split("\n").filter((path) => path !== "" && existsSync(join(root, path)));
  const texts = paths.filter((path) => !/\.(binpb|png)$/.test(path));
  return new Map(texts.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** As {@link readTextFiles}, without what generators made. */
export async function readSourceFiles(): Promise<SourceFiles> {
  return new Map([...(await readTextFiles())].filter(([path]) => !/(^|\/)(gen|generated)\//.test(path)));
}
