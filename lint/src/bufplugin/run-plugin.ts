// SPDX-License-Identifier: Apache-2.0
import { createCheckServer } from "./check-server.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import { serve } from "./pluginrpc/serve.ts";
import { readInput, writeOutput } from "./stdio.ts";

const stdout = 1;
const stderr = 2;
const largeBytes = 1 << 22;

/**
 * Runs this process as a buf check plugin: the whole `main` of one.
 *
 *     runPlugin("buf-plugin-example", async () => (await import("./spec.ts")).spec);
 *
 * The spec is loaded by a function so that even code that fails or prints while it is imported does no harm. buf takes
 * empty output and exit code 0 for "nothing found", so the exit code is 0 only once a whole answer is written: on any
 * other way out there is one line on stderr, and buf fails. Anything printed to stdout by a rule goes to stderr.
 */
export function runPlugin(
  name: string,
  load: () => Promise<PluginSpec>,
  argv: readonly string[] = process.argv.slice(2),
): void {
  let answered = false;
  Object.defineProperty(process, "stdout", { configurable: true, get: () => process.stderr });
  process.on("exit", () => {
    if (!answered) {
      process.exitCode = 1;
      complain(name, "ended before it answered");
    }
  });
  const fail = (error: unknown): void => {
    answered = true;
    complain(name, error instanceof Error ? error.message : String(error));
    process.exit(1);
  };
  const run = async (): Promise<void> => {
    const answer = await serve(createCheckServer(await load()), argv, readRequest);
    writeOutput(stderr, new TextEncoder().encode(answer.stderr));
    writeOutput(stdout, answer.stdout);
    answered = true;
  };
  process.on("uncaughtException", fail);
  run().catch(fail);
}

async function readRequest(): Promise<Uint8Array> {
  const bytes = readInput();
  if (bytes.length >= largeBytes) {
    // Why: for 7,000 files, V8 would let the space of young objects grow by 110 MB, which saves no time. And not for a small
    // request, because to load this module takes 2 ms.
    const { setFlagsFromString } = await import("node:v8");
    setFlagsFromString("--semi-space-growth-factor=1");
  }
  return bytes;
}

function complain(name: string, message: string): void {
  writeOutput(stderr, new TextEncoder().encode(`${name}: ${message.replaceAll(/\s*\n\s*/g, " ")}\n`));
}
