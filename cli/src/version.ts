// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

/** The version of this package. Sources and build lie equally deep below its package.json. */
export const version: string = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
