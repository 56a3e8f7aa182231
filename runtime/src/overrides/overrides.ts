// SPDX-License-Identifier: Apache-2.0
import {
  type Check,
  type Checks,
  checkFields,
  type FieldProblem,
  isRecord,
  text,
  trueOrFalse,
} from "../check-fields.ts";

/** Departures from contracts for a whole process, in force until they are replaced: for incidents. */
export interface Overrides {
  /** Why, e.g. the number of the incident: part of every warning and event about them. */
  readonly reason: string;
  /** In order; of rules that match the same method, each setting of a later one replaces that of an earlier one. */
  readonly rules: readonly OverrideRule[];
  /**
   * Needed for rules that make a client less safe: a longer timeout than the contract's, or a circuit breaker held closed.
   * Without it they are refused. Default: false.
   */
  readonly allowLessSafe?: boolean;
}

/** A departure for the methods that it names. */
export interface OverrideRule {
  /** The full name of a service, or `*` for all. */
  readonly service: string;
  /** The name of a method as the `.proto` writes it. Default: all methods of the service. */
  readonly method?: string;
  /**
   * `open` refuses every call, also of methods whose contract has no breaker: a kill switch. `closed` refuses none; it
   * counts as less safe.
   */
  readonly circuitBreaker?: "open" | "closed";
  /** At most so many attempts, of retry or hedging: 1 to 5. It never raises the contract's number. */
  readonly maxAttempts?: number;
  /** Replaces the contract's response timeout, in milliseconds. A longer one counts as less safe. */
  readonly responseTimeoutMs?: number;
  /** At most so many concurrent calls per process and target, for methods whose contract has a limit; never more than it. */
  readonly maxConcurrentRequests?: number;
}

/** A problem of overrides, as data. */
export interface OverrideProblem extends FieldProblem {
  /** Where in the file, from 1; absent for overrides that come from code. */
  readonly line?: number;
  readonly column?: number;
}

/** Overrides as they can be used, or everything that is wrong with them. */
export type ParsedOverrides =
  | { readonly kind: "valid"; readonly overrides: Overrides }
  | {
      readonly kind: "invalid";
      readonly problems: readonly OverrideProblem[];
      /** The rules with nothing wrong in themselves, each at its place: what they do to contracts can still be checked. */
      readonly sound: Overrides;
    };

const wholeNumber =
  (max: number, unit: string): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max
      ? undefined
      : `must be a whole number ${unit}, 1 to ${max}`;

const topLevel: Checks<keyof Overrides> = {
  reason: text,
  rules: (value) => (Array.isArray(value) ? undefined : "must be a list of rules"),
  allowLessSafe: trueOrFalse,
};

/** The settings of a rule. */
export const settingChecks: Checks<Exclude<keyof OverrideRule, "service" | "method">> = {
  circuitBreaker: (value) => (value === "open" || value === "closed" ? undefined : 'must be "open" or "closed"'),
  maxAttempts: wholeNumber(5, "of attempts"),
  responseTimeoutMs: wholeNumber(2_147_483_647, "of milliseconds"),
  maxConcurrentRequests: wholeNumber(2_147_483_647, "of calls"),
};

const ruleFields: Checks<keyof OverrideRule> = { service: text, method: text, ...settingChecks };

/** Reads overrides from JSON data, and lists everything that is wrong with them. */
export function parseOverrides(json: unknown): ParsedOverrides {
  const problems = checkFields(json, "", topLevel, ["reason", "rules"]);
  const { rules, allowLessSafe } = (typeof json === "object" && json !== null ? json : {}) as Partial<Overrides>;
  const list: readonly unknown[] = Array.isArray(rules) ? rules : [];
  const sound = list.map((rule, index): OverrideRule => {
    const wrong = checkRule(rule, `rules[${index}]`, allowLessSafe === true);
    problems.push(...wrong);
    return wrong.length === 0 ? (rule as OverrideRule) : matchesNothing;
  });
  return problems.length === 0
    ? { kind: "valid", overrides: json as Overrides }
    : { kind: "invalid", problems, sound: { reason: "", rules: sound, allowLessSafe: allowLessSafe === true } };
}

const matchesNothing: OverrideRule = { service: "" };

function checkRule(rule: unknown, path: string, allowLessSafe: boolean): OverrideProblem[] {
  const problems = checkSettings(rule, path, ruleFields, ["service"]);
  if ((rule as OverrideRule | null)?.circuitBreaker === "closed" && !allowLessSafe) {
    const message = `"closed" is less safe than any contract: set "allowLessSafe": true beside "reason" if that is meant`;
    problems.push({ path: `${path}.circuitBreaker`, message });
  }
  return problems;
}

/** Lists what is wrong with the settings for some methods. */
export function checkSettings(
  rule: unknown,
  path: string,
  checks: Checks,
  required: readonly string[] = [],
): FieldProblem[] {
  const problems = checkFields(rule, path, checks, required);
  // A name that is unknown was meant to change something.
  if (isRecord(rule) && Object.keys(rule).every((name) => name === "service" || name === "method")) {
    problems.push({ path, message: `changes nothing; set one of ${Object.keys(settingChecks).join(", ")}` });
  }
  return problems;
}
