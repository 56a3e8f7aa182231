// SPDX-License-Identifier: Apache-2.0
import { generate } from "./generators.ts";
import { root } from "./run-command.ts";

try {
  await generate(root);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
