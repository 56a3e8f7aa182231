// SPDX-License-Identifier: Apache-2.0
import { readSync, writeSync } from "node:fs";

/** Reads some of standard input, and answers how many bytes it read; 0 at the end. */
export function readStdin(free: Uint8Array): number {
  try {
    return untilReady(() => readSync(0, free));
  } catch (error) {
    // Windows reports the end of a pipe as an error.
    if (hasCode(error, "EOF")) {
      return 0;
    }
    throw error;
  }
}

/** Writes all bytes to standard output before it returns. */
export function writeStdout(bytes: Uint8Array): void {
  writeAll(1, bytes);
}

/** Writes lines to standard error before it returns. */
export function writeStderr(lines: readonly string[]): void {
  writeAll(2, new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
}

function writeAll(fd: number, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    rest = rest.subarray(untilReady(() => writeSync(fd, rest)));
  }
}

/** A pipe that our parent made non-blocking answers EAGAIN while it is empty or full: wait and ask again. */
function untilReady(operation: () => number): number {
  for (;;) {
    try {
      return operation();
    } catch (error) {
      if (!hasCode(error, "EAGAIN")) {
        throw error;
      }
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
