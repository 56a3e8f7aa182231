// SPDX-License-Identifier: Apache-2.0

/** The widest line that a list of plain values may make; longer lists take a line per value. */
const maxLineWidth = 80;

/**
 * Writes plain data as a literal of JavaScript, one property per line, so that a change of one value is a change of one
 * line. Property names are written bare: they are ours. Text is escaped, wherever it comes from.
 */
export function literal(value: unknown): string {
  const pieces: string[] = [];
  write(value, 0, pieces);
  return pieces.join("");
}

/** Pieces, because joining them once is faster than appending line to line. */
function write(value: unknown, depth: number, pieces: string[]): void {
  if (Array.isArray(value)) {
    writeList(value, depth, pieces);
  } else if (typeof value === "object" && value !== null) {
    writeObject(value, depth, pieces);
  } else {
    pieces.push(plainLiteral(value));
  }
}

function plainLiteral(value: unknown): string {
  return typeof value === "string" ? stringLiteral(value) : String(value);
}

function writeObject(object: Readonly<Record<string, unknown>> | object, depth: number, pieces: string[]): void {
  const inner = indentation(depth + 1);
  const start = pieces.push("{");
  for (const key of Object.keys(object)) {
    const value = (object as Readonly<Record<string, unknown>>)[key];
    if (value !== undefined) {
      pieces.push(pieces.length === start ? "\n" : "", inner, key, ": ");
      write(value, depth + 1, pieces);
      pieces.push(",\n");
    }
  }
  pieces.push(pieces.length === start ? "" : indentation(depth), "}");
}

function writeList(list: readonly unknown[], depth: number, pieces: string[]): void {
  if (!list.some((item) => typeof item === "object")) {
    const line = `[${list.map(plainLiteral).join(", ")}]`;
    if (2 * depth + line.length <= maxLineWidth) {
      pieces.push(line);
      return;
    }
  }
  const inner = indentation(depth + 1);
  pieces.push("[\n");
  for (const item of list) {
    pieces.push(inner);
    write(item, depth + 1, pieces);
    pieces.push(",\n");
  }
  pieces.push(indentation(depth), "]");
}

/** Two spaces a level, made once. */
function indentation(depth: number): string {
  for (let known = indentations.length; known <= depth; known++) {
    indentations.push("  ".repeat(known));
  }
  return indentations[depth] ?? "";
}

const indentations: string[] = [];

/** JSON leaves U+2028 and U+2029 as they are, which some tools take for line breaks. */
function stringLiteral(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}
