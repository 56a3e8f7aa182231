// SPDX-License-Identifier: Apache-2.0

/** The widest line that a list of plain values may make; longer lists take a line per value. */
const maxLineWidth = 80;

/**
 * Writes plain data as a literal of JavaScript, one property per line, so that a change of one value is a change of one
 * line. Property names are written bare: they are ours. Text is escaped, wherever it comes from.
 */
export function literal(value: unknown): string {
  return write(value, 0, new Map());
}

/** The depth of the groups of a method, which is where methods share what they inherit: it is written once. */
const sharedDepth = 3;

function write(value: unknown, depth: number, shared: Map<object, string>): string {
  if (typeof value !== "object" || value === null) {
    return plainLiteral(value);
  }
  const known = depth === sharedDepth ? shared.get(value) : undefined;
  if (known !== undefined) {
    return known;
  }
  const text = Array.isArray(value) ? writeList(value, depth, shared) : writeObject(value, depth, shared);
  if (depth === sharedDepth) {
    shared.set(value, text);
  }
  return text;
}

function plainLiteral(value: unknown): string {
  return typeof value === "string" ? stringLiteral(value) : String(value);
}

function writeObject(object: object, depth: number, shared: Map<object, string>): string {
  let lines = "";
  for (const key of Object.keys(object)) {
    const value = (object as Readonly<Record<string, unknown>>)[key];
    if (value !== undefined) {
      lines += `${beginning(depth + 1, key)}${write(value, depth + 1, shared)},\n`;
    }
  }
  return lines === "" ? "{}" : `{\n${lines}${indentation(depth)}}`;
}

function writeList(list: readonly unknown[], depth: number, shared: Map<object, string>): string {
  if (!list.some((item) => typeof item === "object")) {
    const line = `[${list.map(plainLiteral).join(", ")}]`;
    if (2 * depth + line.length <= maxLineWidth) {
      return line;
    }
  }
  const lines = list.map((item) => `${indentation(depth + 1)}${write(item, depth + 1, shared)},\n`).join("");
  return `[\n${lines}${indentation(depth)}]`;
}

/** How the line of a property begins, made once: there are few names, and many lines. */
function beginning(depth: number, key: string): string {
  let names = beginnings[depth];
  if (names === undefined) {
    names = new Map();
    beginnings[depth] = names;
  }
  let text = names.get(key);
  if (text === undefined) {
    text = `${indentation(depth)}${key}: `;
    names.set(key, text);
  }
  return text;
}

const beginnings: Map<string, string>[] = [];

/** Two spaces a level, made once. */
function indentation(depth: number): string {
  for (let known = indentations.length; known <= depth; known++) {
    indentations.push("  ".repeat(known));
  }
  return indentations[depth] ?? "";
}

const indentations: string[] = [];

/** JSON leaves U+2028 and U+2029 as they are, which some tools take for line breaks. Most text needs no escapes. */
function stringLiteral(text: string): string {
  return /^[\w .:/-]*$/.test(text)
    ? `"${text}"`
    : JSON.stringify(text).replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}
