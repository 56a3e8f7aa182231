// SPDX-License-Identifier: Apache-2.0

/** Puts `text` where a text has its characters `start` to `end`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Makes edits that do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, text: put }) => `${result.slice(0, start)}${put}${result.slice(end)}`, text);
}
