// SPDX-License-Identifier: Apache-2.0
import type { Paint } from "../terminal/paint.ts";
import type { AuditReport } from "./audit-report.ts";

/** A line for each finding, `file:line:column: message (rule)`, and what it comes to. */
export function formatText({ files, findings, fixed }: AuditReport, paint: Paint): string {
  const lines = findings.map(({ file, line, column, message, rule }) => {
    return `${paint("bold", `${file}:${line}:${column}:`)} ${message} ${paint("dim", `(${rule})`)}`;
  });
  const fixable = findings.filter((finding) => finding.fixable).length;
  const counts = [
    count(files, "file"),
    findings.length === 0 ? "nothing goes around a contract" : count(findings.length, "finding"),
    ...(fixed.length === 0 ? [] : [`${fixed.length} fixed`]),
    ...(fixable === 0 ? [] : [`--fix rewrites ${fixable}`]),
  ];
  return `${[...lines, counts.join(", ")].join("\n")}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
