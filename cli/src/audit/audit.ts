// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { relative, sep } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Node, SourceFile } from "ts-morph";
import type { AuditRule, GuardFix } from "./audit-rule.ts";
import { type CodeBase, openCodeBase } from "./code-base.ts";
import type { RawFinding } from "./finding.ts";
import { isGenerated } from "./generated-contract.ts";
import { ignoreOf } from "./ignore-comment.ts";
import { type SyntaxWarning, syntaxWarningOf } from "./syntax-warning.ts";

/** What an audit looks at. */
export interface AuditRequest {
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly rules: readonly AuditRule[];
  /** Findings name their files relative to this folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Told what is being done, often. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

/** What an audit found, and the code it found it in. */
export interface Audited {
  readonly findings: readonly RawFinding[];
  readonly warnings: readonly SyntaxWarning[];
  readonly code: CodeBase;
}

/** How many files are read at once. */
const readers = 32;

/**
 * Finds what goes around the contracts of a code base, in the order of files and lines. Files that mention nothing of
 * interest are read and not parsed.
 *
 * @throws the signal's reason when it is aborted.
 */
export async function audit(request: AuditRequest): Promise<Audited> {
  const { rules, signal, onProgress } = request;
  const texts = await readAll(request);
  const suspects = [...texts].filter(([, text]) => isSuspect(text, rules)).map(([file]) => file);
  onProgress?.("Loading", 0, suspects.length);
  await nextTurn(undefined, { signal });
  const code = openCodeBase(texts, suspects);
  const findings: RawFinding[] = [];
  for (const [index, source] of code.suspects.entries()) {
    onProgress?.("Auditing", index, suspects.length);
    await nextTurn(undefined, { signal });
    findings.push(...auditFile(source, code, request));
  }
  const warnings = code.suspects.flatMap((source) => syntaxWarningOf(source, request.folder) ?? []);
  return { findings, warnings, code };
}

async function readAll({ files, signal, onProgress }: AuditRequest): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (let start = 0; start < files.length; start += readers) {
    signal.throwIfAborted();
    onProgress?.("Reading", start, files.length);
    const batch = files.slice(start, start + readers);
    const read = await Promise.all(batch.map((file) => readFile(file, "utf8")));
    for (const [index, file] of batch.entries()) {
      texts.set(file.replaceAll(sep, "/"), read[index] ?? "");
    }
  }
  return texts;
}

function isSuspect(text: string, rules: readonly AuditRule[]): boolean {
  return rules.some(({ mentions }) => mentions.test(text)) && !isGenerated(text);
}

function auditFile(source: SourceFile, code: CodeBase, { rules, folder }: AuditRequest): readonly RawFinding[] {
  const path = source.getFilePath();
  const text = source.getFullText();
  const lines = text.split("\n");
  const findings: RawFinding[] = [];
  for (const { name, mentions, check } of rules) {
    if (mentions.test(text)) {
      check(source, code, (node, message, fix) => {
        const ignore = ignoreOf(node, name, lines);
        if (ignore !== "ignored") {
          const complaint =
            ignore === "not-ignored"
              ? ""
              : ` (To ignore this, give the reason: \`// talaria-audit-ignore ${name}: …\`.)`;
          findings.push(found(node, name, `${message}${complaint}`, relative(folder, path), fix));
        }
      });
    }
  }
  return findings.sort((a, b) => a.finding.line - b.finding.line || a.finding.column - b.finding.column);
}

function found(node: Node, rule: string, message: string, file: string, fix: GuardFix | undefined): RawFinding {
  const source = node.getSourceFile();
  const [start, end] = [source.getLineAndColumnAtPos(node.getStart()), source.getLineAndColumnAtPos(node.getEnd())];
  return {
    finding: {
      file: file.replaceAll(sep, "/"),
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
      rule,
      message,
      fixable: fix !== undefined,
    },
    path: source.getFilePath(),
    ...(fix && { fix }),
  };
}
