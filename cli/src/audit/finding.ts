// SPDX-License-Identifier: Apache-2.0
import type { GuardFix } from "./audit-rule.ts";

/** Something that goes around the contract. Lines and columns count from 1, columns in UTF-16 code units. */
export interface Finding {
  /** Relative to the folder of the command, with slashes. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly rule: string;
  /** What is wrong, why, and what to write instead. */
  readonly message: string;
  /** There is a rewrite that `--fix` makes. */
  readonly fixable: boolean;
}

/** A finding with what its rewrite needs. */
export interface RawFinding {
  readonly finding: Finding;
  /** The absolute path of its file. */
  readonly path: string;
  readonly fix?: GuardFix;
}
