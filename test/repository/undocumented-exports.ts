// SPDX-License-Identifier: Apache-2.0
import { posix } from "node:path";
import type { SourceFiles } from "./source-files.ts";

/** Finds what a package's public files export without a doc comment where it is declared. */
export function undocumentedExports(files: SourceFiles): string[] {
  return [...new Set(publicFiles(files).flatMap((path) => undocumentedIn(path, files)))];
}

/** The sources behind the `exports` of every package.json. */
function publicFiles(files: SourceFiles): string[] {
  const manifests = [...files.keys()].filter((path) => /^[^/]+\/package\.json$/.test(path));
  return manifests.flatMap((path) => {
    const { exports = {} }: { exports?: Record<string, Record<string, string>> } = JSON.parse(files.get(path) ?? "");
    return Object.values(exports).map((door) => posix.join(posix.dirname(path), door["talaria-source"] ?? ""));
  });
}

function undocumentedIn(path: string, files: SourceFiles): string[] {
  const text = files.get(path);
  if (text === undefined) {
    return [`${path}: package.json exports this file, and there is none`];
  }
  const declaredHere = [...text.matchAll(/^export (?!type \{)(?:async )?\w+ (\w+)/gm)].map(([, name = ""]) => name);
  return [
    ...declaredHere.flatMap((name) => undocumentedName(name, path, files)),
    ...reExports(path, text).flatMap(({ name, from }) => undocumentedName(name, from, files)),
  ];
}

function undocumentedName(name: string, path: string, files: SourceFiles): string[] {
  const text = files.get(path);
  if (text === undefined) {
    // A generated file, whose comments are the generator's.
    return [];
  }
  const passedOn = reExports(path, text).find((candidate) => candidate.name === name);
  if (passedOn !== undefined) {
    return undocumentedName(name, passedOn.from, files);
  }
  const lines = text.split("\n");
  const declaration = new RegExp(`^export (async )?(const|function\\*?|class|interface|type) ${name}\\b`);
  const index = lines.findIndex((line) => declaration.test(line));
  if (index === -1) {
    return [`${path}: does not declare ${name}, which is exported from it`];
  }
  return lines[index - 1]?.endsWith("*/") === true
    ? []
    : [`${path}:${index + 1}: ${name} is public and has no doc comment`];
}

/** The names that a file exports from others of its package. */
function reExports(path: string, text: string): { readonly name: string; readonly from: string }[] {
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\} from "(\.[^"]+)"/gm)].flatMap(
    ([, names = "", specifier = ""]) =>
      names
        .split(",")
        .map((name) =>
          name
            .trim()
            .replace(/^type /, "")
            .replace(/ as .*/, ""),
        )
        .filter((name) => name !== "")
        .map((name) => ({ name, from: posix.join(posix.dirname(path), specifier) })),
  );
}
