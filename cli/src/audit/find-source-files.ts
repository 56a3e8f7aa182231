// SPDX-License-Identifier: Apache-2.0
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../user-error.ts";

/** What {@link findSourceFiles} leaves out beside dependencies. */
export interface SourceFilter {
  /** Also tests: `*.test.ts`, `*.spec.ts`, and folders named `test`, `tests` or `__tests__`. */
  readonly tests: boolean;
}

/**
 * The TypeScript sources below these paths, sorted, as absolute paths. Declarations (`.d.ts`), dependencies and hidden
 * folders are no sources. A path that is named is always looked at.
 *
 * @throws UserError when there is nothing at a path, or a file that is no source.
 */
export function findSourceFiles(paths: readonly string[], folder: string, filter: SourceFilter): readonly string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const absolute = resolve(folder, path);
    const stats = statSync(absolute, { throwIfNoEntry: false });
    if (stats === undefined) {
      throw new UserError(`there is no file or folder ${path}.`);
    }
    if (stats.isFile() && !/\.[cm]?[jt]sx?$/.test(path)) {
      throw new UserError(`${path} is no source of TypeScript or JavaScript.`);
    }
    for (const file of stats.isDirectory() ? walk(absolute, filter) : [absolute]) {
      found.add(file);
    }
  }
  return [...found].sort();
}

function* walk(folder: string, filter: SourceFilter): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!isSkippedFolder(entry.name, filter)) {
        yield* walk(path, filter);
      }
    } else if (entry.isFile() && isSource(entry.name, filter)) {
      yield path;
    }
  }
}

function isSkippedFolder(name: string, { tests }: SourceFilter): boolean {
  return name === "node_modules" || name.startsWith(".") || (!tests && /^(?:tests?|__tests__)$/.test(name));
}

function isSource(name: string, { tests }: SourceFilter): boolean {
  return (
    /\.[cm]?tsx?$/.test(name) &&
    !/\.d\.([\w-]+\.)?[cm]?ts$/.test(name) &&
    (tests || !/\.(test|spec|test-d)\.[cm]?tsx?$/.test(name))
  );
}
