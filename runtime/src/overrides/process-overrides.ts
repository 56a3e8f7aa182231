// SPDX-License-Identifier: Apache-2.0
import { channel } from "node:diagnostics_channel";
import { Code, ConnectError } from "@connectrpc/connect";
import type { MethodPolicy } from "@talaria/contract";
import { type OverriddenMethod, overridePolicy, unsafeChanges } from "./apply.ts";
import { type OverrideProblem, type Overrides, parseOverrides } from "./overrides.ts";

/** A method of an open client: told what overrides make of its policy whenever they change. */
export interface OverridableMethod {
  readonly service: string;
  /** What its contract says. */
  readonly contractPolicy: MethodPolicy;
  onOverride(overridden: OverriddenMethod): void;
}

/** What is published on the diagnostics channel `talaria.overrides` when overrides change or are refused. */
export type OverridesEvent =
  | { readonly kind: "applied"; readonly overrides: Overrides | undefined; readonly source: string }
  | { readonly kind: "refused"; readonly problems: readonly OverrideProblem[]; readonly source: string };

const events = channel("talaria.overrides");
const methods = new Set<OverridableMethod>();
let current: Overrides | undefined;

/** The overrides in force in this process. */
export function currentOverrides(): Overrides | undefined {
  return current;
}

/**
 * Puts overrides in force for every client of this process, open or yet to be opened; `undefined` takes them back. They
 * replace those before as a whole, are logged as a process warning with the code `TALARIA_OVERRIDE`, and are published on
 * the diagnostics channel `talaria.overrides`.
 *
 * @throws ConnectError INVALID_ARGUMENT listing everything that is wrong; then those before stay in force.
 */
export function setOverrides(overrides: Overrides | undefined): void {
  const problems = tryOverrides(overrides, "setOverrides()");
  if (problems.length > 0) {
    throw new ConnectError(`overrides are refused: ${describeProblems(problems)}`, Code.InvalidArgument);
  }
}

/** As {@link setOverrides}, for data from a file: answers with what is wrong instead of throwing. */
export function tryOverrides(json: unknown, source: string): readonly OverrideProblem[] {
  const problems = json === undefined ? [] : problemsOf(json);
  if (problems.length > 0) {
    events.publish({ kind: "refused", problems, source } satisfies OverridesEvent);
    return problems;
  }
  if (json === undefined && current === undefined) {
    return [];
  }
  current = json as Overrides | undefined;
  for (const method of methods) {
    tell(method);
  }
  events.publish({ kind: "applied", overrides: current, source } satisfies OverridesEvent);
  warn(
    current === undefined
      ? `overrides were taken back (${source}): every client goes by its contract`
      : `overrides are in force (${source}): ${JSON.stringify(current)}`,
  );
  return [];
}

/** A method of a client that opens. Returns what to call when the client closes. */
export function registerMethod(method: OverridableMethod): () => void {
  methods.add(method);
  if (current !== undefined) {
    tell(method);
  }
  return () => methods.delete(method);
}

/** Logs something about overrides: they are never silent. */
export function warn(message: string): void {
  process.emitWarning(message, { code: "TALARIA_OVERRIDE" });
}

export function describeProblems(problems: readonly OverrideProblem[]): string {
  return problems.map(({ path, message }) => `${path} ${message}`.trim()).join("; ");
}

function problemsOf(json: unknown): readonly OverrideProblem[] {
  const parsed = parseOverrides(json);
  if (parsed.kind === "invalid") {
    return parsed.problems;
  }
  return [...methods].flatMap(({ service, contractPolicy }) =>
    unsafeChanges(service, contractPolicy, parsed.overrides),
  );
}

function tell(method: OverridableMethod): void {
  const { service, contractPolicy } = method;
  if (current === undefined) {
    method.onOverride({ policy: contractPolicy, circuitBreaker: undefined });
    return;
  }
  // A client that opens after the overrides were checked: what would make it less safe is left out, and said.
  const problems = unsafeChanges(service, contractPolicy, current);
  if (problems.length > 0) {
    warn(`an override is not applied: ${describeProblems(problems)}`);
  }
  method.onOverride(
    overridePolicy(service, contractPolicy, current, { by: "process", keepTimeout: problems.length > 0 }),
  );
}
