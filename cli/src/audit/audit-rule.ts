// SPDX-License-Identifier: Apache-2.0
import type { CallExpression, Node, SourceFile } from "ts-morph";
import type { CodeBase } from "./code-base.ts";
import type { GeneratedContract } from "./generated-contract.ts";

/** Something that `talaria audit` looks for. */
export interface AuditRule {
  /** In kebab-case; also the name of its file and its page. */
  readonly name: string;
  /** One sentence that begins with "Finds". */
  readonly purpose: string;
  /** What a text must contain for the rule to find anything in it: other files are not even parsed. */
  readonly mentions: RegExp;
  readonly check: (source: SourceFile, code: CodeBase, report: Report) => void;
}

/** Takes a finding of a rule: where it is, and what is wrong, why, and what to write instead. */
export type Report = (node: Node, message: string, fix?: GuardFix) => void;

/** `createClient(S, transport)`, to become `guard(transport, sContract)`. */
export interface GuardFix {
  readonly call: CallExpression;
  readonly contract: GeneratedContract;
}
