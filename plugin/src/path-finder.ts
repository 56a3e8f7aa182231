// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from "node:fs";

/** How far below the working directory the root of a module is looked for, and in how many folders at most. */
const deepest = 3;
const mostFolders = 1000;

/**
 * Returns a function that finds the path of a `.proto` from the name that imports give it. A request tells no more than
 * that name, which is relative to the root of a module, while editors open what is relative to the working directory.
 *
 * It looks for folders that hold a file of that name, once: a file may have a thousand mistakes. Where none does, or several
 * do, the name stays as it is.
 */
export function createPathFinder(folder: string): (name: string) => string {
  const known = new Map<string, string>();
  let roots: readonly string[] | undefined;
  const find = (name: string): string => {
    if (existsSync(`${folder}/${name}`)) {
      return name;
    }
    roots ??= foldersBelow(folder);
    const [found, ...others] = roots.filter((root) => existsSync(`${folder}/${root}/${name}`));
    return found === undefined || others.length > 0 ? name : `${found}/${name}`;
  };
  return (name) => {
    const path = known.get(name) ?? find(name);
    known.set(name, path);
    return path;
  };
}

/** With slashes between them, the nearest first. */
function foldersBelow(folder: string): readonly string[] {
  const found: string[] = [];
  let level = [""];
  for (let depth = 0; depth < deepest && found.length < mostFolders; depth++) {
    level = level.flatMap((above) => foldersIn(folder, above));
    found.push(...level);
  }
  return found.slice(0, mostFolders);
}

function foldersIn(folder: string, above: string): string[] {
  try {
    return readdirSync(`${folder}/${above}`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
      .map(({ name }) => (above === "" ? name : `${above}/${name}`));
  } catch {
    return [];
  }
}
