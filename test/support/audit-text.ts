// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { audit } from "../../cli/src/audit/audit.ts";
import type { AuditRule } from "../../cli/src/audit/audit-rule.ts";
import { findSourceFiles } from "../../cli/src/audit/find-source-files.ts";
import type { Finding } from "../../cli/src/audit/finding.ts";
import { fixFindings } from "../../cli/src/audit/fix-findings.ts";
import { root } from "./run-command.ts";

/** What an audit of a small code base came to. */
export interface AuditedText {
  readonly findings: readonly Finding[];
  /** `file:line:column` of each finding. */
  readonly places: readonly string[];
  /** The files that `--fix` rewrites. */
  readonly fixed: Readonly<Record<string, string>>;
}

/**
 * Audits files by name, or one named `main.ts`. Beside them is `gen/` with what is generated for the orders of the shop:
 * `gen/orders_pb.ts` and `gen/orders_client.ts`.
 */
export async function auditText(
  rules: readonly AuditRule[],
  files: string | Readonly<Record<string, string>>,
): Promise<AuditedText> {
  const folder = mkdtempSync(join(tmpdir(), "talaria-audit-"));
  try {
    cpSync(join(root, "generated/shop/orders/v1"), join(folder, "gen"), { recursive: true });
    for (const [name, text] of Object.entries(typeof files === "string" ? { "main.ts": files } : files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const found = findSourceFiles(["."], folder, { tests: false });
    const raw = await audit({ files: found, rules, folder, signal: new AbortController().signal });
    const findings = raw.findings.map(({ finding }) => finding);
    const { rewritten } = fixFindings(raw.findings, raw.code);
    return {
      findings,
      places: findings.map(({ file, line, column }) => `${file}:${line}:${column}`),
      fixed: Object.fromEntries([...rewritten].map(([path, text]) => [path.slice(folder.length + 1), text])),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
