// SPDX-License-Identifier: Apache-2.0
import type { ExitCode } from "./exit-code.ts";

/** What a command has around it, so that it can run inside a test as well as in a shell. */
export interface Surroundings {
  /** Paths are relative to this folder. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes to the standard output. */
  readonly writeOutput: (text: string) => void;
  /** Writes to the standard error. */
  readonly writeMessage: (text: string) => void;
  /** Somebody is looking at the output: colours are welcome. */
  readonly outputIsTerminal: boolean;
  /** How many characters a line of the output has room for. Absent: nobody knows. */
  readonly outputColumns?: number;
  /** Somebody is looking at the messages: progress is welcome. */
  readonly messagesAreTerminal: boolean;
  /** Ends the command: it stops what it has started and leaves nothing behind. */
  readonly signal: AbortSignal;
}

/** A subcommand. */
export interface Command {
  readonly name: string;
  /** One sentence without a full stop, for the list of commands. */
  readonly summary: string;
  /** What follows the command's name in its usage line. */
  readonly usage: string;
  /** What a user has to know, in lines that fit a terminal. */
  readonly help: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly run: (args: Arguments, surroundings: Surroundings) => Promise<ExitCode>;
}

/** An option of a command. */
export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  /** What its value is called in the help. Absent: it has none. */
  readonly value?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  readonly summary: string;
}

/** What a user wrote after the command's name. */
export interface Arguments {
  readonly paths: readonly string[];
  /** The last value of each option that has one. */
  readonly values: ReadonlyMap<string, string>;
  /** The options without a value that are there. */
  readonly flags: ReadonlySet<string>;
}
