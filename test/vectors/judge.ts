// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from "node:util";
import type { Fields } from "./fields.ts";

/** An expectation that was not met. */
export interface Mismatch {
  readonly what: string;
  readonly want: unknown;
  readonly got: unknown;
}

/** Collects the expectations of one vector that were not met. */
export class Judge {
  readonly mismatches: Mismatch[] = [];
  /** How many expectations were compared. */
  compared = 0;

  /** Compares every field of `expect` that `got` knows with what was seen; the others stay unread. */
  compare(expect: Fields, got: Readonly<Record<string, unknown>>): void {
    for (const name of expect.names) {
      if (!Object.hasOwn(got, name)) continue;
      const want = expect.any(name);
      this.compared += 1;
      if (!isDeepStrictEqual(rounded(want), rounded(got[name]))) {
        this.mismatches.push({ what: `${expect.where}.${name}`, want, got: got[name] });
      }
    }
  }
}

/** Floating point is no reason to fail: numbers are compared to a millionth; what is absent is null, as in JSON. */
function rounded(value: unknown): unknown {
  if (typeof value === "number") return Math.round(value * 1e6) / 1e6;
  if (Array.isArray(value)) return value.map(rounded);
  return value ?? null;
}
