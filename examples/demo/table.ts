// SPDX-License-Identifier: Apache-2.0
import type { Check } from "./check.ts";

/** A check, and the scene it belongs to. */
export interface Row extends Check {
  readonly scene: string;
}

/** The exit code of the demo: 0 when something was checked and all of it was seen as expected. */
export function exitCodeOf(rows: readonly Row[]): 0 | 1 {
  return rows.length > 0 && rows.every((row) => row.passed) ? 0 : 1;
}

/** The lines of the table, without colours: a heading, and a line for each row. A scene is named in its first row. */
export function tableLines(rows: readonly Row[]): string[] {
  const cells = [
    [" ", "scene", "what", "expected", "seen"],
    ...rows.map(({ passed, scene, what, expected, seen }, index) => [
      passed ? "✓" : "✗",
      scene === rows[index - 1]?.scene ? "" : scene,
      what,
      expected,
      seen,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
}
