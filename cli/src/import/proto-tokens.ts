// SPDX-License-Identifier: Apache-2.0

/** A piece of a `.proto` text. White space is not kept. */
export interface ProtoToken {
  readonly kind: "word" | "string" | "symbol" | "comment";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const pattern =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')|(?<word>[\w.]+)|(?<symbol>[^\s\uFEFF])/g;

/** Splits a `.proto` that compiles into its pieces, comments included. */
export function readTokens(text: string): readonly ProtoToken[] {
  return [...text.matchAll(pattern)].map(({ 0: found, index, groups }) => {
    const kind =
      groups?.comment !== undefined ? "comment" : groups?.string !== undefined ? "string" : wordOrSymbol(groups);
    return { kind, text: found, start: index, end: index + found.length };
  });
}

function wordOrSymbol(groups: Readonly<Record<string, string | undefined>> | undefined): "word" | "symbol" {
  return groups?.word === undefined ? "symbol" : "word";
}
