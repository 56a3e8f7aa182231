// SPDX-License-Identifier: Apache-2.0
import type { Paint } from "../terminal/paint.ts";
import { replaceText, type TextReplacement } from "./replace-text.ts";

const context = 3;

/** Shows what replacements change in a text, as `diff -u` does. They stand in the order of the text and never overlap. */
export function unifiedDiff(
  path: string,
  text: string,
  replacements: readonly TextReplacement[],
  paint: Paint,
): string {
  const lines = linesOf(text);
  const hunks = groupChanges(changesOf(text, replacements)).map((group) => ({ group, lines: hunkLines(lines, group) }));
  let shift = 0;
  const formatted = hunks.flatMap(({ group, lines: hunk }) => {
    const oldCount = hunk.filter((line) => !line.startsWith("+")).length;
    const newCount = hunk.filter((line) => !line.startsWith("-")).length;
    const start = Math.max(0, (group[0]?.first ?? 0) - context) + 1;
    const head = paint("cyan", `@@ -${start},${oldCount} +${start + shift},${newCount} @@`);
    shift += newCount - oldCount;
    return [head, ...hunk.map((line) => colour(line, paint))];
  });
  return [paint("bold", `--- ${path}`), paint("bold", `+++ ${path}`), ...formatted].join("\n");
}

/** Whole lines that become others. */
interface Change {
  /** Counted from 0. */
  readonly first: number;
  readonly last: number;
  readonly after: readonly string[];
}

/** Replacements on the same line are one change. */
function changesOf(text: string, replacements: readonly TextReplacement[]): readonly Change[] {
  const changes: (Omit<Change, "after"> & { edits: TextReplacement[] })[] = [];
  for (const edit of replacements) {
    const [first, last] = [lineAt(text, edit.start), lineAt(text, edit.end)];
    const previous = changes.at(-1);
    if (previous !== undefined && previous.last >= first) {
      previous.edits.push(edit);
      changes[changes.length - 1] = { ...previous, last: Math.max(last, previous.last) };
    } else {
      changes.push({ first, last, edits: [edit] });
    }
  }
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return changes.map(({ first, last, edits }) => {
    const from = starts[first] ?? 0;
    const to = (starts[last + 1] ?? text.length + 1) - 1;
    const shifted = edits.map((edit) => ({ ...edit, start: edit.start - from, end: edit.end - from }));
    const before = text.slice(from, to);
    const after = replaceText(before, shifted) + (text.endsWith("\n") || to < text.length ? "" : unended);
    // Why not split at every line end: the one before the note on the last line belongs to that line.
    return trimStart(before.split("\n"), { first, last, after: after.split(/\n(?!\\)/) });
  });
}

/** Leaves out the lines at the start that stay as they are. `patch` wants no more of them before a change than behind it. */
function trimStart(before: readonly string[], { first, last, after }: Change): Change {
  const different = before.findIndex((line, index) => line !== after[index]);
  const same = different === -1 ? before.length : different;
  return { first: first + same, last, after: after.slice(same) };
}

/** The lines of a text. The last one says so when nothing ends it, as `patch` wants it. */
function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  return last === "" ? lines : [...lines, `${last}${unended}`];
}

const unended = "\n\\ No newline at end of file";

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length - 1;
}

/** Changes whose surroundings touch are shown together. */
function groupChanges(changes: readonly Change[]): readonly (readonly Change[])[] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const previous = groups.at(-1)?.at(-1);
    if (previous !== undefined && change.first - previous.last <= 2 * context + 1) {
      groups.at(-1)?.push(change);
    } else {
      groups.push([change]);
    }
  }
  return groups;
}

function hunkLines(lines: readonly string[], group: readonly Change[]): readonly string[] {
  const hunk: string[] = [];
  let next = Math.max(0, (group[0]?.first ?? 0) - context);
  for (const { first, last, after } of group) {
    hunk.push(...lines.slice(next, first).map((line) => ` ${line}`));
    hunk.push(...lines.slice(first, last + 1).map((line) => `-${line}`), ...after.map((line) => `+${line}`));
    next = last + 1;
  }
  return [...hunk, ...lines.slice(next, next + context).map((line) => ` ${line}`)];
}

function colour(line: string, paint: Paint): string {
  return line.startsWith("+") ? paint("green", line) : line.startsWith("-") ? paint("red", line) : line;
}
