// SPDX-License-Identifier: Apache-2.0

/** A line of the table at the end: what should have been seen, and what was. */
export interface Check {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly passed: boolean;
}

/** Expects exactly this. */
export function expectEqual<T extends string | number>(what: string, seen: T, expected: T): Check {
  return { what, expected: String(expected), seen: String(seen), passed: seen === expected };
}

/** Expects a number within bounds, both included. A missing bound is none. */
export function expectWithin(
  what: string,
  seen: number,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, unit = "" }: Bounds,
): Check {
  const withUnit = (value: number) => `${Math.round(value * 100) / 100}${unit === "" ? "" : ` ${unit}`}`;
  return {
    what,
    expected: describeBounds(min, max, withUnit),
    seen: withUnit(seen),
    passed: seen >= min && seen <= max,
  };
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
}

function describeBounds(min: number, max: number, withUnit: (value: number) => string): string {
  if (max === Number.POSITIVE_INFINITY) {
    return `at least ${withUnit(min)}`;
  }
  return min === Number.NEGATIVE_INFINITY ? `at most ${withUnit(max)}` : `${min} to ${withUnit(max)}`;
}
