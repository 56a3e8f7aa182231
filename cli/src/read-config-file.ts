// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type ParsedServiceConfig, parseServiceConfig } from "@talaria/contract";
import { locateJson, type TextPlace } from "./locate-json.ts";
import { UserError } from "./user-error.ts";

/** A service config in a file. */
export interface ConfigFile {
  /** As the user named it. */
  readonly path: string;
  readonly config: ParsedServiceConfig;
  /** The place of a value by its path, e.g. `methodConfig[3].timeout`. */
  readonly placeOf: (path: string) => TextPlace | undefined;
}

/**
 * Reads a service config.
 *
 * @throws UserError when the file cannot be read or is no JSON.
 */
export function readConfigFile(path: string, folder: string): ConfigFile {
  const text = readText(path, folder);
  const config = parseServiceConfig(parseJson(text, path));
  let places: ReadonlyMap<string, TextPlace> | undefined;
  const placeOf = (at: string): TextPlace | undefined => {
    places ??= locateJson(text);
    return places.get(at);
  };
  return { path, config, placeOf };
}

/**
 * Reads a file that the user named.
 *
 * @throws UserError when it cannot be read.
 */
export function readText(path: string, folder: string): string {
  try {
    return readFileSync(resolve(folder, path), "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}
