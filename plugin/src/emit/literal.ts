// SPDX-License-Identifier: Apache-2.0

/** The widest line that a list of plain values may make; longer lists take a line per value. */
const maxLineWidth = 80;

/**
 * Writes plain data as a literal of JavaScript, one property per line, so that a change of one value is a change of one
 * line. Property names are written bare: they are ours. Text is escaped, wherever it comes from.
 */
export function literal(value: unknown, indentation = ""): string {
  const inner = `${indentation}  `;
  if (Array.isArray(value)) {
    return listLiteral(value, indentation);
  }
  switch (typeof value) {
    case "string":
      return stringLiteral(value);
    case "object": {
      const lines = Object.entries(value ?? {})
        .filter(([, property]) => property !== undefined)
        .map(([key, property]) => `${inner}${key}: ${literal(property, inner)},\n`);
      return lines.length === 0 ? "{}" : `{\n${lines.join("")}${indentation}}`;
    }
    default:
      return String(value);
  }
}

function listLiteral(list: readonly unknown[], indentation: string): string {
  const inner = `${indentation}  `;
  const items = list.map((item) => literal(item, inner));
  const line = `[${items.join(", ")}]`;
  if (indentation.length + line.length <= maxLineWidth && !line.includes("\n")) {
    return line;
  }
  return `[\n${items.map((item) => `${inner}${item},\n`).join("")}${indentation}]`;
}

/** JSON leaves U+2028 and U+2029 as they are, which some tools take for line breaks. */
function stringLiteral(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}
