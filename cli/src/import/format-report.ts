// SPDX-License-Identifier: Apache-2.0
import { formatPlace } from "../format-place.ts";
import type { Paint } from "../terminal/paint.ts";
import type { ImportFinding } from "./import-finding.ts";

const mostNamed = 3;

/** The report, two lines for each finding: what is the matter, and what was done about it. */
export function formatFindings(findings: readonly ImportFinding[], paint: Paint): readonly string[] {
  return findings.flatMap(({ severity, code, message, done, methods, ...place }) => {
    const coloured = paint(severity === "error" ? "red" : "yellow", severity);
    const named = methods.slice(0, mostNamed).join(", ");
    const more = methods.length > mostNamed ? ` and ${methods.length - mostNamed} more` : "";
    const whom = methods.length === 0 ? "" : paint("dim", ` (${named}${more})`);
    return [`${formatPlace(place)}: ${coloured} ${code}: ${message}`, `  ${done}${whom}`];
  });
}

/** What was imported, in one line. */
export function formatSummary(
  { services, methods, written }: { readonly services: number; readonly methods: number; readonly written: boolean },
  files: number,
  findings: readonly ImportFinding[],
  check: boolean,
): string {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const found = `${count(errors, "error")}, ${count(findings.length - errors, "warning")}`;
  const verb = written ? "changed" : check ? "not up to date" : "to change";
  return `${count(methods, "method")} of ${count(services, "service")}: ${count(files, "file")} ${verb}; ${found}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
