// SPDX-License-Identifier: Apache-2.0

/** Something to know about the import of a config: a drift, a doubt, or what could not be said in a `.proto`. */
export interface ImportFinding {
  /** A stable kebab-case word such as `max-attempts-missing`. */
  readonly code: string;
  /** error: the `.proto` files do not say what the config says. warning: they do, and it is doubtful. */
  readonly severity: "error" | "warning";
  /** The config, as the user named it. */
  readonly file: string;
  /** The place in it, e.g. `methodConfig[3].timeout`; empty for the whole. */
  readonly path: string;
  /** Counted from 1. Absent for the whole. */
  readonly line?: number;
  /** Counted from 1. Absent for the whole. */
  readonly column?: number;
  /** What is the matter, and why. */
  readonly message: string;
  /** What was done about it. */
  readonly done: string;
  /** The methods it concerns, as `service/method`. */
  readonly methods: readonly string[];
}

/** A finding before it is known whom it concerns. */
export type Note = Pick<ImportFinding, "code" | "severity" | "path" | "message" | "done">;
