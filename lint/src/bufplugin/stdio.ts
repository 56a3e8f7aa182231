// SPDX-License-Identifier: Apache-2.0
import { fstatSync, readSync, writeSync } from "node:fs";

const stdin = 0;
const chunkSize = 1 << 24;
/** No protobuf message is larger. */
const mostBytes = 2 ** 31;
const retryMs = 2;

/**
 * Reads all of stdin. A terminal counts as empty. It never touches `process.stdin`: creating that stream makes the pipe
 * non-blocking, and then reads fail with EAGAIN.
 *
 * @throws an Error for more than 2 GiB.
 */
export function readInput(): Uint8Array {
  if (fstatSync(stdin).isCharacterDevice()) {
    return new Uint8Array();
  }
  // It grows in place: to join chunks would need the memory of a large request twice.
  const buffer = new ArrayBuffer(1 << 20, { maxByteLength: mostBytes });
  let used = 0;
  for (;;) {
    if (used === buffer.byteLength) {
      if (used === mostBytes) {
        throw new Error("the request is larger than 2 GiB, the most that protobuf allows");
      }
      buffer.resize(Math.min(used + chunkSize, mostBytes));
    }
    const free = new Uint8Array(buffer, used, buffer.byteLength - used);
    const count = retrying(() => readSync(stdin, free));
    if (count === 0) {
      return new Uint8Array(buffer, 0, used);
    }
    used += count;
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
