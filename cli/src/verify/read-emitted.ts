// SPDX-License-Identifier: Apache-2.0
import { type ConfigFile, readConfigFile, readText } from "../read-config-file.ts";
import { kindOf } from "./find-emitted-files.ts";
import { type ReadZone, readZone } from "./verify-zone.ts";

/** Emitted files, read as what they are. */
export interface Emitted {
  readonly configs: readonly ConfigFile[];
  readonly zones: readonly ReadZone[];
  readonly pages: readonly { readonly path: string; readonly text: string }[];
}

/**
 * Reads emitted files; what its name does not tell is a service config.
 *
 * @throws UserError when one cannot be read.
 */
export function readEmitted(files: readonly string[], folder: string): Emitted {
  const texts = files
    .filter((path) => kindOf(path) === "page" || kindOf(path) === "zone")
    .map((path) => ({ path, text: readText(path, folder) }));
  return {
    configs: files
      .filter((path) => texts.every((text) => text.path !== path))
      .map((path) => readConfigFile(path, folder)),
    zones: texts.filter(({ path }) => kindOf(path) === "zone").map(({ path, text }) => readZone(path, text)),
    pages: texts.filter(({ path }) => kindOf(path) === "page"),
  };
}
