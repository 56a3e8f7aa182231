// SPDX-License-Identifier: Apache-2.0
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../user-error.ts";

/** What `talaria verify` was asked to read. */
export interface ConfigFiles {
  readonly files: readonly string[];
  /** The folders among what was named: there, no service may lack its file. */
  readonly folders: readonly string[];
}

const suffix = ".grpc_service_config.json";

/**
 * Finds the emitted files: each file that is named, and in each folder that is named all `*.grpc_service_config.json`.
 *
 * @throws UserError when a path does not exist or a folder has none.
 */
export function findConfigFiles(paths: readonly string[], folder: string): ConfigFiles {
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
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => join(path, entry.parentPath.slice(resolve(folder, path).length), entry.name))
    .filter((file) => !file.split("/").includes("node_modules"))
    .sort();
  if (found.length === 0) {
    throw new UserError(`There is no *${suffix} in ${path}. Name the folder that \`buf generate\` writes to.`);
  }
  return found;
}
