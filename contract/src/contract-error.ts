// SPDX-License-Identifier: Apache-2.0
import { type Diagnostic, formatDiagnostic } from "./diagnostic.ts";

/** Raised where a contract is needed and its options have errors. The message lists every one. */
export class ContractError extends Error {
  override readonly name = "ContractError";
  /** The errors. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(service: string, diagnostics: readonly Diagnostic[]) {
    const lines = diagnostics.map((diagnostic) => `  ${formatDiagnostic(diagnostic)}`);
    super([`The contract of ${service} cannot be used:`, ...lines].join("\n"));
    this.diagnostics = diagnostics;
  }
}
