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

/**
 * Runs the rules of this plugin on the text of a `.proto` file that may import `service_client_config.proto`. For tests.
 *
 * @throws an Error for a finding in another file: imports are never reported.
 */
export async function checkText(text: string, options: CheckTextOptions = {}): Promise<TextFinding[]> {
  const { against, ...rest } = options;
  const findings = await checkFiles({
    spec,
    files: { ...schema, "test.proto": text },
    ...(against === undefined ? {} : { against: { ...schema, "test.proto": against } }),
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
