// SPDX-License-Identifier: Apache-2.0

/** A fenced block of a Markdown text: what stands after the backticks, and what is inside. */
export interface DocBlock {
  readonly language: string;
  /** The second word of the info string, e.g. the file that the block is. Empty when there is none. */
  readonly name: string;
  readonly text: string;
}

/** Finds the fenced blocks of a Markdown text, in order. */
export function docBlocks(markdown: string): DocBlock[] {
  const blocks = markdown.matchAll(/^```(?<language>\S+)(?: (?<name>\S+))?\n(?<text>.*?)^```$/gms);
  return [...blocks].map(({ groups }) => ({
    language: groups?.language ?? "",
    name: groups?.name ?? "",
    text: groups?.text ?? "",
  }));
}

/** The commands of a shell block, one a line. */
export function commandsOf({ text }: DocBlock): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
