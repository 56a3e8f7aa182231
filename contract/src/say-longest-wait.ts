// SPDX-License-Identifier: Apache-2.0
import type { SoundMethodPage } from "./contract-page.ts";

/**
 * Says how long a caller waits at most: `800 ms`, `for ever`, or `60000 ms, 800 ms to the first message`. A response that
 * streams is over when the stream is: what bounds its first message does not bound it.
 */
export function sayLongestWait({ kind, longestWaitMs, values }: SoundMethodPage): string {
  const wait = sayMillis(longestWaitMs);
  if (kind !== "server_streaming" && kind !== "bidi_streaming") {
    return wait;
  }
  const longest = values.find(({ option }) => option === "stream_max_duration_millis")?.value;
  const whole = sayMillis(typeof longest === "number" ? longest : undefined);
  return longestWaitMs === undefined ? whole : `${whole}, ${wait} to the first message`;
}

function sayMillis(millis: number | undefined): string {
  return millis === undefined ? "for ever" : `${millis} ms`;
}
