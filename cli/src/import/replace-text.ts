// SPDX-License-Identifier: Apache-2.0

/** A part of a text, from one offset up to another, and what takes its place. */
export interface TextReplacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Replaces parts of a text that stand in its order and do not overlap. */
export function replaceText(text: string, replacements: readonly TextReplacement[]): string {
  let result = "";
  let position = 0;
  for (const { start, end, text: inserted } of replacements) {
    result += text.slice(position, start) + inserted;
    position = end;
  }
  return result + text.slice(position);
}
