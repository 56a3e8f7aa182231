// SPDX-License-Identifier: Apache-2.0
import type { PageValue } from "@talaria/contract";

/** Writes a value of a contract with its unit: `800 ms`, `1 attempt`, `UNAVAILABLE, ABORTED`. */
export function sayValue({ value, unit }: Pick<PageValue, "value" | "unit">): string {
  if (typeof value === "object") {
    return value.length === 0 ? "none" : value.join(", ");
  }
  if (typeof value !== "number" || unit === "") {
    return String(value);
  }
  const singular = value === 1 && unit !== "ms" ? unit.replace(/(?<=ss)es$|s$/, "") : unit;
  return `${value} ${singular}`;
}
