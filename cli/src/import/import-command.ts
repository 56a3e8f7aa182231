// SPDX-License-Identifier: Apache-2.0
import type { Command } from "../command.ts";

/** `talaria import`. */
export const importCommand: Command = {
  name: "import",
  summary: "Write existing service configs into .proto files",
  usage: "CONFIG.json... --proto DIR",
  help: [],
  options: [],
  run: async () => 2,
};
