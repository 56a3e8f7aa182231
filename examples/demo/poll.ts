// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";

const limitMs = 20_000;

/**
 * Asks again and again until an answer is as wanted, and returns that answer.
 *
 * @throws an Error that says what was waited for, after 20 seconds.
 */
export async function poll<T>(what: string, ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (const startedAtMs = performance.now(); performance.now() - startedAtMs < limitMs; await sleep(10)) {
    const answer = await ask();
    if (isWanted(answer)) {
      return answer;
    }
  }
  throw new Error(`waited ${limitMs / 1000} s in vain for ${what}`);
}
