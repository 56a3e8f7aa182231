// SPDX-License-Identifier: Apache-2.0

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
export interface OverrideProblem {
  /** Where, e.g. `rules[0].maxAttempts`. */
  readonly path: string;
  /** What is wrong, and what to write instead. */
  readonly message: string;
}

/** Overrides as they can be used, or everything that is wrong with them. */
export type ParsedOverrides =
  | { readonly kind: "valid"; readonly overrides: Overrides }
  | { readonly kind: "invalid"; readonly problems: readonly OverrideProblem[] };

type Check = (value: unknown) => string | undefined;

const text: Check = (value) =>
  typeof value === "string" && value !== "" ? undefined : "must be a text that is not empty";

const wholeNumber =
  (max: number, unit: string): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max
      ? undefined
      : `must be a whole number ${unit}, 1 to ${max}`;

const topLevel: Readonly<Record<keyof Overrides, Check>> = {
  reason: text,
  rules: (value) => (Array.isArray(value) ? undefined : "must be a list of rules"),
  allowLessSafe: (value) => (typeof value === "boolean" ? undefined : "must be true or false"),
};

const ruleFields: Readonly<Record<keyof OverrideRule, Check>> = {
  service: text,
  method: text,
  circuitBreaker: (value) => (value === "open" || value === "closed" ? undefined : 'must be "open" or "closed"'),
  maxAttempts: wholeNumber(5, "of attempts"),
  responseTimeoutMs: wholeNumber(2_147_483_647, "of milliseconds"),
  maxConcurrentRequests: wholeNumber(2_147_483_647, "of calls"),
};

/** Reads overrides from JSON data, and lists everything that is wrong with them. */
export function parseOverrides(json: unknown): ParsedOverrides {
  const problems = checkFields(json, "", topLevel, ["reason", "rules"]);
  if (problems.length === 0) {
    const overrides = json as Overrides;
    problems.push(...overrides.rules.flatMap((rule, index) => checkRule(rule, `rules[${index}]`, overrides)));
    if (problems.length === 0) {
      return { kind: "valid", overrides };
    }
  }
  return { kind: "invalid", problems };
}

function checkRule(rule: unknown, path: string, { allowLessSafe = false }: Overrides): OverrideProblem[] {
  const problems = checkFields(rule, path, ruleFields, ["service"]);
  if (problems.length > 0) {
    return problems;
  }
  const { service: _service, method: _method, ...settings } = rule as OverrideRule;
  if (Object.keys(settings).length === 0) {
    problems.push({ path, message: `changes nothing; set one of ${settingNames.join(", ")}` });
  }
  if (settings.circuitBreaker === "closed" && !allowLessSafe) {
    const message = `"closed" is less safe than any contract: set "allowLessSafe": true beside "reason" if that is meant`;
    problems.push({ path: `${path}.circuitBreaker`, message });
  }
  return problems;
}

const settingNames = Object.keys(ruleFields).filter((name) => name !== "service" && name !== "method");

function checkFields(
  value: unknown,
  path: string,
  checks: Readonly<Record<string, Check>>,
  required: readonly string[],
): OverrideProblem[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [{ path, message: "must be an object" }];
  }
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const missing = required.filter((name) => !(name in value));
  const problems = missing.map((name) => ({ path: at(name), message: "is missing" }));
  for (const [name, field] of Object.entries(value)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    const message = check === undefined ? `is unknown; known are ${Object.keys(checks).join(", ")}` : check(field);
    if (message !== undefined) {
      problems.push({ path: at(name), message });
    }
  }
  return problems;
}
