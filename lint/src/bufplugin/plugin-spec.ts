// SPDX-License-Identifier: Apache-2.0
import type { Option } from "./option.ts";
import type { Rule } from "./rule.ts";

/** All of a check plugin. */
export interface PluginSpec {
  /** What `buf.yaml` calls it: `buf-plugin-example`. Messages of the plugin itself begin with it. */
  readonly name: string;
  /** What it checks, for people. */
  readonly documentation: string;
  /** Under which terms it may be used: the SPDX id, and where the text is. */
  readonly license: { readonly spdxId: string; readonly url: string };
  /** The categories that its rules belong to. */
  readonly categories: readonly Category[];
  /** The rules. */
  readonly rules: readonly Rule[];
}

/** A set of rules that `buf.yaml` can name in `use` and `except`. */
export interface Category {
  /** As {@link Rule.id}. */
  readonly id: string;
  /** As {@link Rule.purpose}. */
  readonly purpose: string;
}

/** Raised for a spec that buf would refuse, or worse, accept and then silently not run. */
export class SpecError extends Error {
  override readonly name = "SpecError";
  /** Everything that is wrong. */
  readonly problems: readonly string[];

  constructor(pluginName: string, problems: readonly string[]) {
    super(`the spec of ${pluginName} is wrong: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

/** Lists the options of all rules, each once. */
export function optionsOf(spec: PluginSpec): Option<unknown>[] {
  return [...new Set(spec.rules.flatMap(({ options }) => options))];
}

/**
 * Checks what the protocol demands of a spec. buf itself checks much less: it accepts a malformed id and runs nothing
 * for an unknown type.
 *
 * @throws SpecError that lists everything that is wrong.
 */
export function validateSpec(spec: PluginSpec): void {
  const problems = [
    ...(spec.rules.length === 0 ? ["it has no rules"] : []),
    ...checkUnique(
      "id",
      [...spec.rules, ...spec.categories].map(({ id }) => id),
    ),
    ...checkUnique(
      "option key",
      optionsOf(spec).map(({ key }) => key),
    ),
    ...[...spec.rules, ...spec.categories].flatMap(checkNames),
    ...spec.rules.flatMap((rule) => checkRule(rule, spec)),
    ...spec.categories.flatMap(({ id }) =>
      spec.rules.some(({ categories }) => categories.includes(id)) ? [] : [`no rule belongs to category ${id}`],
    ),
    ...optionsOf(spec).flatMap(checkOption),
  ];
  if (problems.length > 0) {
    throw new SpecError(spec.name, problems);
  }
}

function checkUnique(what: string, names: readonly string[]): string[] {
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(twice)].map((name) => `${what} ${name} is used twice`);
}

function checkNames({ id, purpose }: Rule | Category): string[] {
  const problems: string[] = [];
  if (id.length < 3 || id.length > 64 || !/^[A-Z0-9][A-Z0-9_]*[A-Z0-9]$/.test(id)) {
    problems.push(
      `id "${id}" must be 3 to 64 capital letters, digits and underscores, and neither begin nor end with an underscore`,
    );
  }
  if (purpose.length < 2 || purpose.length > 256 || !/^[A-Z].*[.]$/.test(purpose)) {
    problems.push(
      `the purpose of ${id} must be one line of 2 to 256 characters that begins with a capital letter and ends with a full stop, not "${purpose}"`,
    );
  }
  return problems;
}

function checkRule(rule: Rule, spec: PluginSpec): string[] {
  const problems: string[] = [];
  const known = new Set(spec.categories.map(({ id }) => id));
  for (const category of rule.categories) {
    if (!known.has(category)) {
      problems.push(`rule ${rule.id} belongs to category ${category}, which is not listed`);
    }
  }
  if (rule.replacedBy !== undefined && rule.isDefault) {
    problems.push(`rule ${rule.id} is deprecated and on by default; it cannot be both`);
  }
  for (const id of rule.replacedBy ?? []) {
    const replacement = spec.rules.find((other) => other.id === id);
    if (replacement === undefined) {
      problems.push(`rule ${rule.id} is replaced by ${id}, which does not exist`);
    } else if (replacement.replacedBy !== undefined) {
      problems.push(`rule ${rule.id} is replaced by ${id}, which is deprecated itself`);
    }
  }
  return problems;
}

function checkOption({ key, description }: Option<unknown>): string[] {
  const problems: string[] = [];
  if (key.length < 3 || key.length > 64 || !/^[a-z][a-z_]*[a-z]$/.test(key)) {
    problems.push(
      `option key "${key}" must be 3 to 64 lower-case letters and underscores, and neither begin nor end with an underscore`,
    );
  }
  if (description === "") {
    problems.push(`option ${key} has no description`);
  }
  return problems;
}
