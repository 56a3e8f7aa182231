// SPDX-License-Identifier: Apache-2.0

export type { Surroundings } from "./command.ts";
export type { ExitCode } from "./exit-code.ts";
export { runTalaria } from "./run-talaria.ts";
