// SPDX-License-Identifier: Apache-2.0
import type { AnyDesc } from "@bufbuild/protobuf";
import type { FileSet } from "./file-set.ts";
import type { Location } from "./location.ts";
import type { Option, OptionReader } from "./option.ts";

/** One rule of a plugin. */
export interface Rule {
  /** Capital letters, digits and underscores, 3 to 64; unique among the rules and categories of all plugins in use. */
  readonly id: string;
  /** One sentence, up to 256 characters: `Checks that …`. buf prints it in `buf config ls-lint-rules`. */
  readonly purpose: string;
  /** The ids of the categories it belongs to. */
  readonly categories: readonly string[];
  /** Whether it runs when `buf.yaml` selects nothing. */
  readonly isDefault: boolean;
  /** `lint` looks at files as they are, `breaking` at what changed. */
  readonly type: "lint" | "breaking";
  /** The options it reads. Rules may share one: it is the same when it is the same object. */
  readonly options: readonly Option<unknown>[];
  /** Set when it should not be used any more: the ids of the rules to use instead, which may be none. */
  readonly replacedBy?: readonly string[];
  /** Looks for findings. Everything it reports before it returns, or before its promise resolves, counts. */
  check(request: CheckRequest, report: Report): void | Promise<void>;
}

/** What a rule looks at. */
export interface CheckRequest {
  /** The files to check. */
  readonly current: FileSet;
  /** The files to compare with; empty for `buf lint`. */
  readonly against: FileSet;
  /** The options that users set in `buf.yaml`. */
  readonly options: OptionReader;
}

/** Reports a finding of the rule that is running. */
export type Report = (finding: Finding) => void;

/** What a rule found. */
export interface Finding {
  /** Where, in the files to check. A place without source information is reported at the nearest one around it. */
  readonly at: Location | AnyDesc;
  /**
   * What is wrong, why it matters and what to write instead. buf's text format prints nothing else, not even the rule's
   * id.
   */
  readonly message: string;
  /** Where, in the files compared with. buf's `ignore` looks at both places. */
  readonly against?: Location | AnyDesc;
}

/** A rule as its author writes it. */
export type RuleInit = Omit<Rule, "type" | "options" | "isDefault"> & Partial<Pick<Rule, "options" | "isDefault">>;

/** A rule for `buf lint`. It is on by default unless it says otherwise. */
export function lintRule(init: RuleInit): Rule {
  return { options: [], isDefault: true, ...init, type: "lint" };
}

/** A rule for `buf breaking`. It is on by default unless it says otherwise. */
export function breakingRule(init: RuleInit): Rule {
  return { options: [], isDefault: true, ...init, type: "breaking" };
}
