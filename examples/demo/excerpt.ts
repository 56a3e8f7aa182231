// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);

/** What in a contract makes a scene go as it does: a line of a `.proto`, or the block that starts there. */
export interface Excerpt {
  /** From the root of the repository. */
  readonly file: string;
  /** How the line starts. */
  readonly start: string;
}

/**
 * Reads an excerpt from its file: a line that says where it stands, and the text.
 *
 * @throws an Error when no line of the file starts so.
 */
export function readExcerpt({ file, start }: Excerpt): { readonly place: string; readonly lines: readonly string[] } {
  const lines = readFileSync(fileURLToPath(new URL(file, root)), "utf8").split("\n");
  const from = lines.findIndex((line) => line.trimStart().startsWith(start));
  const first = lines[from];
  if (first === undefined) {
    throw new Error(`no line of ${file} starts with "${start}"`);
  }
  const indent = first.length - first.trimStart().length;
  const last = first.endsWith("{") ? lines.indexOf(`${" ".repeat(indent)}}`, from) : from;
  return {
    place: `${file}:${from + 1}`,
    lines: lines.slice(from, last + 1).map((line) => line.slice(indent)),
  };
}
