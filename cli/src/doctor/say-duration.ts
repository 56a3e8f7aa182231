// SPDX-License-Identifier: Apache-2.0

/** Writes a measured time: `0.4 ms`, `12 ms`. */
export function sayMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** Writes a time that somebody chose, in the largest unit of which it is a whole number: `5 min`, `90 s`, `1500 ms`. */
export function sayTime(ms: number): string {
  const [unit, unitMs] = units.find(([, each]) => ms >= each && ms % each === 0) ?? ["ms", 1];
  return `${ms / unitMs} ${unit}`;
}

/** Writes how long something still takes, in its largest unit: `34 d`, `59 min`. */
export function sayRoughly(ms: number): string {
  const [unit, unitMs] = units.find(([, each]) => ms >= each) ?? ["ms", 1];
  return `${Math.floor(ms / unitMs)} ${unit}`;
}
