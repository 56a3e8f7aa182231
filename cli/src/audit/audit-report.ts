// SPDX-License-Identifier: Apache-2.0
import type { AuditRule } from "./audit-rule.ts";
import type { Finding } from "./finding.ts";
import type { SyntaxWarning } from "./syntax-warning.ts";

/** What an audit came to. */
export interface AuditReport {
  /** How many files were looked at. */
  readonly files: number;
  /** What is still there. */
  readonly findings: readonly Finding[];
  /** What `--fix` has rewritten. */
  readonly fixed: readonly Finding[];
  /** Where a file does not parse: what a rule looks for may be in what could not be read. */
  readonly warnings: readonly SyntaxWarning[];
  /** The rules that looked. */
  readonly rules: readonly AuditRule[];
}
