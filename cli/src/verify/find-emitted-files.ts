// SPDX-License-Identifier: Apache-2.0
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../user-error.ts";

/** What the generator makes of a contract, beside the client. */
export type EmittedKind = "service config" | "page" | "zone";

/** What `talaria verify` was asked to read. */
export interface EmittedFiles {
  readonly files: readonly string[];
  /** The folders among what was named: there, no service may lack its file. */
  readonly folders: readonly string[];
}

const suffix = ".grpc_service_config.json";

const kinds: ReadonlyMap<string, EmittedKind> = new Map([
  [suffix, "service config"],
  [".contract.md", "page"],
  [".contract.json", "page"],
  [".grpc_config.zone", "zone"],
]);

/** What a file is, by its name. Undefined: nothing that the generator names so. */
export function kindOf(path: string): EmittedKind | undefined {
  return [...kinds].find(([ending]) => path.endsWith(ending))?.[1];
}

/**
 * Finds the emitted files: each file that is named, and in each folder that is named all that the generator names so.
 *
 * @throws UserError when a path does not exist or a folder has none.
 */
export function findEmittedFiles(paths: readonly string[], folder: string): EmittedFiles {
  const folders = paths.filter((path) => isFolder(path, folder));
  const files = paths.flatMap((path) => (folders.includes(path) ? filesIn(path, folder) : [path]));
  return { files: [...new Set(files)], folders };
}

function isFolder(path: string, folder: string): boolean {
  const stats = statSync(resolve(folder, path), { throwIfNoEntry: false });
  if (stats === undefined) {
    throw new UserError(`${path} does not exist.`);
  }
  return stats.isDirectory();
}

function filesIn(path: string, folder: string): readonly string[] {
  const found = readdirSync(resolve(folder, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && kindOf(entry.name) !== undefined)
    .map((entry) => join(path, entry.parentPath.slice(resolve(folder, path).length), entry.name))
    .filter((file) => !file.split("/").includes("node_modules"))
    .sort();
  if (found.length === 0) {
    throw new UserError(`There is no *${suffix} in ${path}. Name the folder that \`buf generate\` writes to.`);
  }
  return found;
}
