// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { nativeBuf } from "../../test/lint/run-buf.ts";
import { root } from "../../test/support/run-command.ts";
import { writeModule } from "./synthetic-module.ts";

const schemaFile = "service_client_config.proto";

/** Writes a module of so many files, with the annotation language, into a folder. */
export function prepareModule(folder: string, files: number): void {
  for (const [path, text] of Object.entries(writeModule(files))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  cpSync(join(root, "proto", schemaFile), join(folder, schemaFile));
}

/** `buf lint` of such a module, with buf's own default rules and those of these plugins. */
export function lintCommand(plugins: readonly string[]): readonly string[] {
  // JSON is YAML.
  const config = JSON.stringify({
    version: "v2",
    lint: { ignore: [schemaFile] },
    plugins: plugins.map((plugin) => ({ plugin })),
  });
  return [nativeBuf, "lint", "--config", config];
}
