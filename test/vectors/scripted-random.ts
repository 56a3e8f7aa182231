// SPDX-License-Identifier: Apache-2.0
import type { Random } from "../../runtime/src/clock.ts";

/** Gives the draws of a vector one after the other, then 0.5: the middle, which varies nothing. */
export function scriptedRandom(draws: readonly number[] = []): Random {
  const rest = [...draws];
  return () => rest.shift() ?? 0.5;
}
