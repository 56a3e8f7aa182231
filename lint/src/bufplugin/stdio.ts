// SPDX-License-Identifier: Apache-2.0
import { fstatSync, readSync, writeSync } from "node:fs";

const stdin = 0;
const chunkSize = 1 << 20;
const retryMs = 2;

/**
 * Reads all of stdin. A terminal counts as empty. It never touches `process.stdin`: creating that stream makes the pipe
 * non-blocking, and then reads fail with EAGAIN.
 */
export function readInput(): Uint8Array {
  if (fstatSync(stdin).isCharacterDevice()) {
    return new Uint8Array();
  }
  const chunks: Uint8Array[] = [];
  let chunk = new Uint8Array(chunkSize);
  let used = 0;
  for (;;) {
    const count = retrying(() => readSync(stdin, chunk, used, chunk.length - used, null));
    used += count;
    if (count === 0) {
      return Buffer.concat([...chunks, chunk.subarray(0, used)]);
    }
    if (used === chunk.length) {
      chunks.push(chunk);
      chunk = new Uint8Array(chunkSize);
      used = 0;
    }
  }
}

/** Writes all bytes to a file descriptor: a pipe takes as much as it has room for, or EAGAIN when it has none. */
export function writeOutput(fd: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    written += retrying(() => writeSync(fd, bytes, written));
  }
}

function retrying(operation: () => number): number {
  for (;;) {
    try {
      return operation();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      // Windows says EOF where others read nothing.
      if (code === "EOF") {
        return 0;
      }
      if (code !== "EAGAIN") {
        throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
    }
  }
}
