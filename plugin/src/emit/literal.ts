// SPDX-License-Identifier: Apache-2.0

/** The widest line that a list of plain values may make; longer lists take a line per value. */
const maxLineWidth = 80;

/**
 * Writes plain data as a literal of JavaScript, one property per line, so that a change of one value is a change of one
 * line. Property names are written bare: they are ours. Text is escaped, wherever it comes from.
 */
export function literal(value: unknown, indentation = ""): string {
  if (typeof value === "string") {
    return stringLiteral(value);
  }
  if (typeof value !== "object" || value === null) {
    return String(value);
  }
  return Array.isArray(value) ? listLiteral(value, indentation) : objectLiteral(value, indentation);
}

function objectLiteral(object: object, indentation: string): string {
  const inner = `${indentation}  `;
  let lines = "";
  for (const [key, value] of Object.entries(object)) {
    if (value !== undefined) {
      lines += `${inner}${key}: ${literal(value, inner)},\n`;
    }
  }
  return lines === "" ? "{}" : `{\n${lines}${indentation}}`;
}

function listLiteral(list: readonly unknown[], indentation: string): string {
  const inner = `${indentation}  `;
  const items = list.map((item) => literal(item, inner));
  if (!list.some((item) => typeof item === "object")) {
    const line = `[${items.join(", ")}]`;
    if (indentation.length + line.length <= maxLineWidth) {
      return line;
    }
  }
  let lines = "";
  for (const item of items) {
    lines += `${inner}${item},\n`;
  }
  return lines === "" ? "[]" : `[\n${lines}${indentation}]`;
}

/** JSON leaves U+2028 and U+2029 as they are, which some tools take for line breaks. */
function stringLiteral(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}
