// SPDX-License-Identifier: Apache-2.0

/** A finding about an option, as data. */
export interface Diagnostic {
  /** What kind of finding: a stable kebab-case word such as `retry-backoff-order`. */
  readonly code: string;
  /** An error keeps a contract from being generated; a warning does not. */
  readonly severity: "error" | "warning";
  /** What is wrong, why it matters and what to write instead, with its numbers and units. */
  readonly message: string;
  /** The full name of the service or method it is about. */
  readonly element: string;
  /** The option it is about, as the `.proto` names it, e.g. `retry.max_attempts`; empty for the whole annotation. */
  readonly option: string;
  /** The names of the methods it concerns, where it stands at the service and does not concern all of them. */
  readonly methods?: readonly string[];
  /** Where the value was set, or the element itself when nothing set it. */
  readonly location: SourceLocation;
}

/** A place in a `.proto` file. */
export interface SourceLocation {
  /** The file's name as imports write it. */
  readonly file: string;
  /** The path of the place in the file's descriptor, as in `google.protobuf.SourceCodeInfo.Location.path`. */
  readonly sourcePath: readonly number[];
  /** Counted from 1. Absent when the descriptor carries no source information. */
  readonly line?: number;
  /** Counted from 1. Absent when the descriptor carries no source information. */
  readonly column?: number;
}

/** Writes a diagnostic as `file:line:column: message`, the form that editors and `buf` understand. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column } = diagnostic.location;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return `${place}: ${diagnostic.message}`;
}
