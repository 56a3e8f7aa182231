// SPDX-License-Identifier: Apache-2.0
import type { CodeBase } from "./code-base.ts";
import type { RawFinding } from "./finding.ts";
import { guardClients } from "./guard-fix.ts";

/** What rewriting came to. */
export interface Fixes {
  /** The new texts of files, by path. */
  readonly rewritten: ReadonlyMap<string, string>;
  /** What is no finding any more. */
  readonly fixed: readonly RawFinding[];
}

/** Rewrites what can be rewritten; nothing is written to disk. */
export function fixFindings(findings: readonly RawFinding[], code: CodeBase): Fixes {
  const rewritten = new Map<string, string>();
  const fixed: RawFinding[] = [];
  for (const [path, own] of Map.groupBy(findings, (each) => each.path)) {
    const fixable = own.filter(({ fix }) => fix !== undefined);
    const source = code.sourceOf(path);
    const fixes = fixable.flatMap(({ fix }) => fix ?? []);
    const text = source === undefined || fixes.length === 0 ? undefined : guardClients(source, fixes, code);
    if (text !== undefined) {
      rewritten.set(path, text);
      fixed.push(...fixable);
    }
  }
  return { rewritten, fixed };
}
