// SPDX-License-Identifier: Apache-2.0
import { runTalaria } from "./run-talaria.ts";

const interrupt = new AbortController();
let signalNumber = 0;
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const) {
  process.on(signal, () => {
    signalNumber = number;
    interrupt.abort();
  });
}
// A reader such as `head` may leave early; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") {
    throw error;
  }
});

const exitCode = await runTalaria(process.argv.slice(2), {
  folder: process.cwd(),
  env: process.env,
  writeOutput: (text) => process.stdout.write(text),
  writeMessage: (text) => process.stderr.write(text),
  outputIsTerminal: process.stdout.isTTY === true,
  // A terminal that does not know its width says 0.
  ...(process.stdout.columns > 0 && { outputColumns: process.stdout.columns }),
  messagesAreTerminal: process.stderr.isTTY === true,
  signal: interrupt.signal,
});
process.exitCode = interrupt.signal.aborted ? 128 + signalNumber : exitCode;
