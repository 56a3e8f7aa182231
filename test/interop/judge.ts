// SPDX-License-Identifier: Apache-2.0
import type { Seen } from "./server.ts";

/** What a client says of its calls. */
export interface ClientReport {
  readonly version: string;
  readonly slow: { readonly code: string; readonly ms: number };
  readonly flaky: { readonly code: string; readonly ms: number };
  readonly spread: number;
}

/** A check of one language. */
export interface Check {
  readonly language: string;
  readonly check: string;
  readonly expected: string;
  readonly seen: string;
  /** `known`: it fails as written down; `repaired`: it passes although it is written down as failing. */
  readonly verdict: "ok" | "failed" | "known" | "repaired";
}

/** A check that is known to fail, with the reason. */
export interface ExpectedFailure {
  readonly language: string;
  readonly check: string;
  readonly why: string;
}

/** Judges what a client reports and the servers saw. */
export function judge(
  language: string,
  report: ClientReport,
  seen: Seen,
  expectedFailures: readonly ExpectedFailure[],
): Check[] {
  const told = seen.slowDeadlinesMs[0] ?? Number.POSITIVE_INFINITY;
  const attempts = seen.flakyAttempts.map((attempt) => attempt ?? "none").join(", ");
  const rows: [check: string, expected: string, seen: string, passed: boolean][] = [
    ["a call of 300 ms fails with", "DEADLINE_EXCEEDED", report.slow.code, report.slow.code === "DEADLINE_EXCEEDED"],
    ["it fails after", "255 to 600 ms", `${report.slow.ms} ms`, report.slow.ms >= 255 && report.slow.ms <= 600],
    ["the server is told", "150 to 300 ms", `${Math.round(told)} ms`, told >= 150 && told <= 300],
    ["a call that fails twice ends with", "OK", report.flaky.code, report.flaky.code === "OK"],
    ["attempts that arrive", "none, 1, 2", attempts, attempts === "none, 1, 2"],
    ["60 calls over three servers", "at least 15 each", seen.spread.join(", "), Math.min(...seen.spread) >= 15],
  ];
  return rows.map(([check, expected, value, passed]) => {
    const known = expectedFailures.some((failure) => failure.language === language && failure.check === check);
    const verdict = passed ? (known ? "repaired" : "ok") : known ? "known" : "failed";
    return { language: `${language} ${report.version}`, check, expected, seen: value, verdict };
  });
}

/** The checks as a table. */
export function formatChecks(checks: readonly Check[]): string {
  const header = { language: "language", check: "check", expected: "expected", seen: "seen", verdict: "" };
  const rows = [header, ...checks];
  const width = (column: keyof Check): number => Math.max(...rows.map((row) => row[column].length));
  return rows
    .map((row) =>
      [
        row.verdict.padEnd(width("verdict")),
        row.language.padEnd(width("language")),
        row.check.padEnd(width("check")),
        row.expected.padEnd(width("expected")),
        row.seen,
      ].join("  "),
    )
    .join("\n");
}
