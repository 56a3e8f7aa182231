// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { nearestNames } from "./nearest.ts";

/** What is wrong with a field of what a user wrote, as data. */
export interface FieldProblem {
  /** Where, e.g. `rules[0].maxAttempts`. */
  readonly path: string;
  /** What is wrong, and what to write instead. */
  readonly message: string;
}

/** Says what is wrong with the value of a field, or with the fields of that value; nothing when it can be used. */
export type Check = (value: unknown, path: string) => string | readonly FieldProblem[] | undefined;

/** A check for each field that there is. */
export type Checks<Name extends string = string> = Readonly<Record<Name, Check>>;

/** Lists everything that is wrong with the fields of an object: those that are missing, unknown, or of the wrong kind. */
export function checkFields(
  value: unknown,
  path: string,
  checks: Checks,
  required: readonly string[] = [],
): FieldProblem[] {
  if (!isRecord(value)) {
    return [{ path, message: `must be an object, not ${kindOf(value)}` }];
  }
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const missing = required.filter((name) => !(name in value));
  const problems: FieldProblem[] = missing.map((name) => ({ path: at(name), message: "is missing" }));
  for (const [name, field] of Object.entries(value)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    const found = check === undefined ? unknownName(name, Object.keys(checks)) : check(field, at(name));
    problems.push(...(typeof found === "string" ? [{ path: at(name), message: found }] : (found ?? [])));
  }
  return problems;
}

/**
 * The error of a mistake in use, or nothing when there is none.
 *
 * @throws ConnectError INVALID_ARGUMENT listing all that is wrong.
 */
export function refuseProblems(what: string, problems: readonly FieldProblem[]): void {
  if (problems.length > 0) {
    throw new ConnectError(`${what}: ${describeProblems(problems)}`, Code.InvalidArgument);
  }
}

/** Problems in one line. */
export function describeProblems(problems: readonly FieldProblem[]): string {
  return problems.map(({ path, message }) => `${path} ${message}`.trim()).join("; ");
}

/** Says that a name is unknown, and which may have been meant. */
export function unknownName(name: string, known: readonly string[]): string {
  const [nearest] = nearestNames(name, known);
  return nearest === undefined ? `is unknown; known are ${known.join(", ")}` : `is unknown; did you mean ${nearest}?`;
}

/** An object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a value is, without showing it: it may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** A text that says something. */
export const text: Check = (value) =>
  typeof value === "string" && value !== "" ? undefined : "must be a text that is not empty";

/** `true` or `false`. */
export const trueOrFalse: Check = (value) => (typeof value === "boolean" ? undefined : "must be true or false");

/** One of some words. */
export function oneOf(...words: readonly string[]): Check {
  return (value) => (words.some((word) => word === value) ? undefined : `must be one of ${words.join(", ")}`);
}

/** A list of what a check lets pass. */
export function listOf(what: string, check: Check): Check {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((each: unknown, index) => {
          const at = `${path}[${index}]`;
          const found = check(each, at);
          return typeof found === "string" ? [{ path: at, message: found }] : (found ?? []);
        })
      : `must be a list of ${what}, not ${kindOf(value)}`;
}

/** What may be left out, also by writing `undefined`. */
export function optional(check: Check): Check {
  return (value, path) => (value === undefined ? undefined : check(value, path));
}
