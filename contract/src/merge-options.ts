// SPDX-License-Identifier: Apache-2.0
import type { DeclaredOptions } from "./read-options.ts";

/**
 * Puts one annotation over another, leaf by leaf: groups merge, values replace values, and a list replaces a list.
 * Neither is changed. An absent annotation on either side leaves the other as it is.
 */
export function mergeOptions(
  base: DeclaredOptions | undefined,
  over: DeclaredOptions | undefined,
): DeclaredOptions | undefined {
  if (base === undefined || over === undefined) {
    return over ?? base;
  }
  const merged: DeclaredOptions = new Map(base);
  for (const [name, value] of over) {
    const below = base.get(name);
    const group = value instanceof Map && below instanceof Map ? mergeOptions(below, value) : undefined;
    merged.set(name, group ?? value);
  }
  return merged;
}
