// SPDX-License-Identifier: Apache-2.0
import { relative, sep } from "node:path";
import type { SourceFile } from "ts-morph";

/** The first place of a file at which it is not TypeScript. */
export interface SyntaxWarning {
  /** Relative to the folder of the command, with slashes. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** What the compiler says. */
  readonly message: string;
}

/** The parser goes on behind an error as well as it can, and says nothing: this does. */
export function syntaxWarningOf(source: SourceFile, folder: string): SyntaxWarning | undefined {
  const [first] = source.getProject().getProgram().getSyntacticDiagnostics(source);
  if (first === undefined) {
    return undefined;
  }
  const message = first.getMessageText();
  return {
    file: relative(folder, source.getFilePath()).replaceAll(sep, "/"),
    ...source.getLineAndColumnAtPos(first.getStart()),
    message: typeof message === "string" ? message : message.getMessageText(),
  };
}

/** `a.ts:3:7: warning: …`, on one line. */
export function saySyntaxWarning({ file, line, column, message }: SyntaxWarning): string {
  return `${file}:${line}:${column}: warning: this does not parse (${message}), so something may be missed\n`;
}
