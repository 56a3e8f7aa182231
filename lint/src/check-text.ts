// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkFiles, type TestFinding, type TestOptionValue } from "./bufplugin/testing.ts";
import { spec } from "./spec.ts";

const root = new URL("../../", import.meta.url);
const pathOf = (path: string): string => fileURLToPath(new URL(path, root));
const schema = { "service_client_config.proto": readFileSync(pathOf("proto/service_client_config.proto"), "utf8") };
const tools = { buf: pathOf("node_modules/.bin/buf"), cacheFolder: pathOf("node_modules/.cache/talaria-images") };

/** What {@link checkText} compares with, and how. */
export interface CheckTextOptions {
  /** The ids of the rules to run. Default: all that are on by default. */
  readonly rules?: readonly string[];
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
 * Runs the rules of this plugin on the text of a `.proto` file. For tests. A text that does not begin with its syntax
 * gets a head on its first line: package `shop.v1`, messages `Request` and `Response`, and the import of
 * `service_client_config.proto`.
 *
 * @throws an Error for a finding in another file: imports are never reported.
 */
export async function checkText(text: string, options: CheckTextOptions = {}): Promise<TextFinding[]> {
  const { against, ...rest } = options;
  const findings = await checkFiles({
    spec,
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

function filesOf(text: string): Record<string, string> {
  const whole = text.includes("syntax =") ? text : `${head}${text}`;
  return { ...(whole.includes("service_client_config.proto") ? schema : {}), "test.proto": whole };
}

/**
 * As {@link checkText}, for one rule: the findings are compared with the marks in the text, comments of the form
 * `// <- column 5` at the end of each line with a finding.
 */
export async function compareMarks(
  rule: string,
  text: string,
  options: Omit<CheckTextOptions, "rules"> = {},
): Promise<{ readonly found: readonly string[]; readonly marked: readonly string[] }> {
  const findings = await checkText(text, { ...options, rules: [rule] });
  const marked = text.split("\n").flatMap((line, index) => {
    return [...line.matchAll(/column (\d+)/g)].map(([, column]) => `${index + 1}:${column}`);
  });
  return { found: findings.map(({ line, column }) => `${line}:${column}`), marked };
}
