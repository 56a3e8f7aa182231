// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import type { Surroundings } from "../command.ts";
import { audit } from "./audit.ts";
import type { AuditReport } from "./audit-report.ts";
import type { AuditRule } from "./audit-rule.ts";
import { fixFindings } from "./fix-findings.ts";

/** What `talaria audit` was asked for. */
export interface AuditTask {
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly rules: readonly AuditRule[];
  readonly fix: boolean;
}

const clearLine = "\r\u001b[K";
/** How often somebody who looks sees the progress change. */
const progressMs = 100;

/** Audits, and with `fix` rewrites what can be rewritten. */
export async function runAudit({ files, rules, fix }: AuditTask, surroundings: Surroundings): Promise<AuditReport> {
  const { folder, signal, messagesAreTerminal, writeMessage } = surroundings;
  let shownAtMs = 0;
  const onProgress = (what: string, done: number, total: number): void => {
    const nowMs = performance.now();
    if (nowMs - shownAtMs >= progressMs) {
      shownAtMs = nowMs;
      writeMessage(`${clearLine}${what} ${done} of ${total} files ...`);
    }
  };
  try {
    const raw = await audit({ files, rules, folder, signal, ...(messagesAreTerminal && { onProgress }) });
    const fixes = fixFindings(fix ? raw.findings : [], raw.code);
    for (const [path, text] of fixes.rewritten) {
      writeFileSync(path, text);
    }
    const left = raw.findings.filter((each) => !fixes.fixed.includes(each));
    return {
      files: files.length,
      findings: left.map(({ finding }) => finding),
      fixed: fixes.fixed.map(({ finding }) => finding),
      warnings: raw.warnings,
      rules,
    };
  } finally {
    if (messagesAreTerminal) {
      writeMessage(clearLine);
    }
  }
}
