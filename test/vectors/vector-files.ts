// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const ownFolder: string = join(import.meta.dirname, "data");
/** Where a set that is not part of the repository may lie: beside it. */
const besideFolder: string = join(import.meta.dirname, "..", "..", "..", "shared", "vectors");

/** A set of vector files, or the word that there is none. */
export interface VectorSet {
  readonly folder: string;
  /** Absent: the folder is not there. */
  readonly files: readonly string[] | undefined;
}

/** The sets that run when no file is named: our own, and the one beside the repository where there is one. */
export function vectorSets(): readonly VectorSet[] {
  return [ownFolder, besideFolder].map((folder) => ({
    folder,
    files: existsSync(folder) ? jsonFilesIn(folder) : undefined,
  }));
}

/** The files that an argument names: those of a folder, or the one. A folder without any is left to fail as what it is. */
export function vectorFilesOf(path: string): readonly string[] {
  const files = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? jsonFilesIn(path) : [];
  return files.length > 0 ? files : [path];
}

function jsonFilesIn(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => join(folder, name));
}
