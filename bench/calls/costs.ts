// SPDX-License-Identifier: Apache-2.0
import type { Costs } from "./contest.ts";

/** The median over the rounds of what a client costs against another in the same round. Absent: one of them was not measured. */
export function ratioOf(costs: Costs, client: string, against: string): number | undefined {
  const own = costs.get(client);
  const theirs = costs.get(against);
  return own && theirs && median(own.map(({ cpuUs }, round) => cpuUs / (theirs[round]?.cpuUs ?? Number.NaN)));
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
