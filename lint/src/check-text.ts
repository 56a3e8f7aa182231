// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PluginSpec } from "./bufplugin/plugin-spec.ts";
import type { Rule } from "./bufplugin/rule.ts";
import { checkFiles, type TestFinding, type TestOptionValue } from "./bufplugin/testing.ts";

const root = new URL("../../", import.meta.url);
const pathOf = (path: string): string => fileURLToPath(new URL(path, root));
const schema = { "service_client_config.proto": readFileSync(pathOf("proto/service_client_config.proto"), "utf8") };
const tools = { buf: pathOf("node_modules/.bin/buf"), cacheFolder: pathOf("node_modules/.cache/talaria-images") };

/** What {@link checkText} compares with, and how. */
export interface CheckTextOptions {
  /** What `buf.yaml` would set. */
  readonly options?: Readonly<Record<string, TestOptionValue>>;
  /** The earlier text of the file, for breaking rules. */
  readonly against?: string;
}

/** A finding in the text of {@link checkText}. */
export type TextFinding = Omit<TestFinding, "file">;

const head =
  'syntax = "proto3"; package shop.v1; import "service_client_config.proto"; message Request {} message Response {} ';

/**
 * Runs rules on the text of a `.proto` file. For tests. A text that does not begin with its syntax
 * gets a head on its first line: package `shop.v1`, messages `Request` and `Response`, and the import of
 * `service_client_config.proto`.
 *
 * @throws an Error for a finding in another file: imports are never reported.
 */
export async function checkText(
  rules: readonly Rule[],
  text: string,
  options: CheckTextOptions = {},
): Promise<TextFinding[]> {
  const { against, ...rest } = options;
  const findings = await checkFiles({
    spec: specOf(rules),
    rules: rules.map(({ id }) => id),
    files: filesOf(text),
    ...(against === undefined ? {} : { against: filesOf(against) }),
    ...rest,
    ...tools,
  });
  return findings.map(({ file, ...finding }) => {
    if (file !== "test.proto") {
      throw new Error(`${finding.rule} reported ${file}:${finding.line}`);
    }
    return finding;
  });
}

// Without the other rules, whose modules every test would have to load.
function specOf(rules: readonly Rule[]): PluginSpec {
  const categories = [...new Set(rules.flatMap((rule) => rule.categories))];
  return {
    name: "buf-plugin-talaria",
    documentation: "Some rules.",
    license: { spdxId: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    categories: categories.map((id) => ({ id, purpose: "Checks some things." })),
    rules,
  };
}

function filesOf(text: string): Record<string, string> {
  const whole = text.includes("syntax =") ? text : `${head}${text}`;
  return { ...(whole.includes("service_client_config.proto") ? schema : {}), "test.proto": whole };
}

/** What {@link compareMarks} compares. */
export interface MarkComparison {
  /** `line:column` of each finding. */
  readonly found: readonly string[];
  /** `line:column` of each mark. */
  readonly marked: readonly string[];
  /** What the findings say. */
  readonly messages: readonly string[];
}

/**
 * As {@link checkText}, for one rule and a text that marks where it expects findings: with a comment `// <- column 5` at
 * the end of the line.
 *
 * @throws an Error for a text without marks.
 */
export async function compareMarks(rule: Rule, text: string, options: CheckTextOptions = {}): Promise<MarkComparison> {
  const marked = text.split("\n").flatMap((line, index) => {
    return [...line.matchAll(/<- column (\d+)/g)].map(([, column]) => `${index + 1}:${column}`);
  });
  if (marked.length === 0) {
    throw new Error("the text marks nothing, so finding nothing would prove nothing");
  }
  const findings = await checkText([rule], text, options);
  return {
    found: findings.map(({ line, column }) => `${line}:${column}`),
    marked,
    messages: findings.map(({ message }) => message),
  };
}
