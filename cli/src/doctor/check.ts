// SPDX-License-Identifier: Apache-2.0

/** How a check came out. `skipped`: it could not be made, and the message says why; that is neither good nor bad. */
export type Verdict = "ok" | "warning" | "problem" | "skipped";

/** What is checked, in the order in which it is. */
export type Step =
  | "resolve"
  | "tcp"
  | "tls"
  | "http2"
  | "identity"
  | "health"
  | "contract"
  | "keepalive"
  | "socket"
  | "process";

/** One check and what it found. Plain data: it is also what `--format json` prints. */
export interface Check {
  readonly step: Step;
  /** The server it was made at, e.g. `10.0.0.1:443`. Absent: it is about the target as a whole. */
  readonly address?: string;
  readonly verdict: Verdict;
  readonly elapsedMs?: number;
  /** One line. */
  readonly message: string;
  /** Further lines, e.g. the names in a certificate, or one for each difference. */
  readonly details: readonly string[];
  /** The same as values, by step; see docs/cli.md. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a check found, before it is known where. */
export type Finding = Pick<Check, "verdict" | "message"> & Partial<Pick<Check, "elapsedMs" | "details" | "data">>;

/** Completes a finding. */
export function checkOf(step: Step, address: string | undefined, finding: Finding): Check {
  const { verdict, elapsedMs, message, details = [], data = {} } = finding;
  return {
    step,
    ...(address === undefined ? {} : { address }),
    verdict,
    ...(elapsedMs === undefined ? {} : { elapsedMs: Math.round(elapsedMs * 10) / 10 }),
    message,
    details,
    data,
  };
}

const bySeverity: readonly Verdict[] = ["skipped", "ok", "warning", "problem"];

/** The worst of some verdicts; `ok` when there is none. */
export function worstOf(verdicts: Iterable<Verdict>): Verdict {
  return [...verdicts].reduce(
    (worst, each) => (bySeverity.indexOf(each) > bySeverity.indexOf(worst) ? each : worst),
    "ok",
  );
}
