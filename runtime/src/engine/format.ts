// SPDX-License-Identifier: Apache-2.0

/** A time as people write it, with at most one digit after the point: `800 ms`, `20 s`, `7.4 s`. Rounded up. */
export function formatMs(ms: number): string {
  // What floating point adds to 7400 is no reason to say 7.5 s.
  const whole = Math.ceil(ms - 1e-6);
  return whole < 1000 ? `${whole} ms` : `${Math.ceil(whole / 100) / 10} s`;
}

/** A share as percent, with at most one digit after the point: `62 %`, `66.7 %`. */
export function formatShare(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
