// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";

/**
 * Where Node.js keeps what it has compiled, for processes with `NODE_COMPILE_CACHE` set to it. A plugin or a command that runs
 * from TypeScript then starts in a third of the time, and buf starts plugins nine times for one `buf lint`.
 */
export const compileCache: string = join(import.meta.dirname, "../../node_modules/.cache/node");
