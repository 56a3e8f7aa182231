// SPDX-License-Identifier: Apache-2.0
import type { OptionValue } from "@talaria/contract";
import type { Leaves } from "./leaves.ts";

type Tree = Map<string, OptionValue | Tree>;

/**
 * Writes values as an option statement, as `buf format` would: dotted when it is one value, else as a message. The lines
 * are relative to the statement's own indentation.
 *
 * @param name e.g. `service_client.client_config`
 * @param unit one step of indentation
 */
export function writeAnnotation(name: string, leaves: Leaves, unit: string): readonly string[] {
  const [only, ...others] = leaves;
  if (only !== undefined && others.length === 0 && typeof only[1] !== "object") {
    return [`option (${name}).${only[0]} = ${scalar(only[0], only[1])};`];
  }
  return [`option (${name}) = {`, ...fieldLines(treeOf(leaves), unit, "").map((line) => unit + line), "};"];
}

function treeOf(leaves: Leaves): Tree {
  const root: Tree = new Map();
  for (const [path, value] of leaves) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let node = root;
    for (const name of names) {
      const inner = node.get(name);
      const next: Tree = inner instanceof Map ? inner : new Map();
      node.set(name, next);
      node = next;
    }
    node.set(last, value);
  }
  return root;
}

function fieldLines(tree: Tree, unit: string, path: string): readonly string[] {
  return [...tree].flatMap(([name, value]): readonly string[] => {
    if (value instanceof Map) {
      return groupLines(name, value, unit, `${path}${name}.`);
    }
    if (typeof value !== "object") {
      return [`${name}: ${scalar(path + name, value)}`];
    }
    const [only, ...others] = value;
    return others.length === 0
      ? [`${name}: [${only ?? ""}]`]
      : [`${name}: [`, ...value.map((item, index) => `${unit}${item}${index < value.length - 1 ? "," : ""}`), "]"];
  });
}

function groupLines(name: string, group: Tree, unit: string, path: string): readonly string[] {
  const lines = fieldLines(group, unit, path);
  const [only] = group.values();
  return group.size === 1 && !(only instanceof Map) && lines.length === 1
    ? [`${name}: {${lines[0]}}`]
    : [`${name}: {`, ...lines.map((line) => unit + line), "}"];
}

const textOptions: ReadonlySet<string> = new Set(["health_check.service_name"]);

/** Names of enum values stand bare, texts in quotes. */
function scalar(path: string, value: boolean | number | string): string {
  return typeof value === "string" && textOptions.has(path) ? quote(value) : String(value);
}

function quote(text: string): string {
  const escaped = text
    .replace(/["\\]/g, "\\$&")
    .replace(/[^\x20-\x7e]/gu, (char) => [...Buffer.from(char)].map(octal).join(""));
  return `"${escaped}"`;
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}
