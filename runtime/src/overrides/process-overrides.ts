// SPDX-License-Identifier: Apache-2.0
import { channel } from "node:diagnostics_channel";
import type { MethodPolicy } from "@talaria/contract";
import { describeProblems, refuseProblems } from "../check-fields.ts";
import { type OverriddenMethod, overridePolicy, unsafeChanges } from "./apply.ts";
import { type OverrideProblem, type Overrides, parseOverrides } from "./overrides.ts";
import { describeUnmatched, type UnmatchedRule, unmatchedRules } from "./unmatched.ts";

/** A method of an open client: told what overrides make of its policy whenever they change. */
export interface OverridableMethod {
  readonly service: string;
  /** What its contract says. */
  readonly contractPolicy: MethodPolicy;
  onOverride(overridden: OverriddenMethod): void;
}

/** What is published on the diagnostics channel `talaria.overrides` when overrides change or are refused. */
export type OverridesEvent =
  /** They are in force; `unmatched` are the rules that concern nothing so far. */
  | {
      readonly kind: "applied";
      readonly overrides: Overrides | undefined;
      readonly source: string;
      readonly unmatched: readonly UnmatchedRule[];
    }
  /** They are wrong; what was in force before stays. */
  | { readonly kind: "refused"; readonly problems: readonly OverrideProblem[]; readonly source: string }
  /** They have been in force for a while, and these rules still concern nothing. */
  | { readonly kind: "unmatched"; readonly unmatched: readonly UnmatchedRule[]; readonly source: string }
  /** The file that `TALARIA_OVERRIDES` names is not there; it is read as soon as it is. */
  | { readonly kind: "missing"; readonly source: string };

/** What became of overrides that were put in force. */
export interface AppliedOverrides {
  /** The rules that concern no method of a client that is open. They apply when such a client opens. */
  readonly unmatched: readonly UnmatchedRule[];
}

/** So long clients may take to open until rules that concern none of them are warned of. */
const settlingMs = 5000;

const events = channel("talaria.overrides");
const methods = new Set<OverridableMethod>();
let current: Overrides | undefined;
let settling: NodeJS.Timeout | undefined;

/** The overrides in force in this process. */
export function currentOverrides(): Overrides | undefined {
  return current;
}

/**
 * Puts overrides in force for every client of this process, open or yet to be opened; `undefined` takes them back. They
 * replace those before as a whole, are logged as a process warning with the code `TALARIA_OVERRIDE`, and are published on
 * the diagnostics channel `talaria.overrides`. A rule that concerns no open client is no error, since its client may open later;
 * it is in the result, and is warned of when it still concerns none after five seconds.
 *
 * @throws ConnectError INVALID_ARGUMENT listing everything that is wrong; then those before stay in force.
 */
export function setOverrides(overrides: Overrides | undefined): AppliedOverrides {
  const tried = tryOverrides(overrides, "setOverrides()");
  refuseProblems("overrides are refused", tried.kind === "refused" ? tried.problems : []);
  return { unmatched: tried.kind === "refused" ? [] : tried.unmatched };
}

/** What became of overrides. */
export type TriedOverrides =
  | ({ readonly kind: "applied" } & AppliedOverrides)
  | { readonly kind: "refused"; readonly problems: readonly OverrideProblem[] };

/** As {@link setOverrides}, for data from a file: answers with what is wrong instead of throwing. `place` finds it there. */
export function tryOverrides(
  json: unknown,
  source: string,
  place: (problem: OverrideProblem) => OverrideProblem = (problem) => problem,
): TriedOverrides {
  const problems = json === undefined ? [] : problemsOf(json).map(place);
  if (problems.length > 0) {
    publish({ kind: "refused", problems, source });
    return { kind: "refused", problems };
  }
  if (json === undefined && current === undefined) {
    return { kind: "applied", unmatched: [] };
  }
  // A copy: whoever gave them could change them afterwards, unchecked and unseen.
  current = structuredClone(json as Overrides | undefined);
  for (const method of methods) {
    tell(method);
  }
  const unmatched = unmatchedNow();
  publish({ kind: "applied", overrides: current, source, unmatched });
  warn(
    current === undefined
      ? `overrides were taken back (${source}): every client goes by its contract`
      : `overrides are in force (${source}): ${JSON.stringify(current)}`,
  );
  warnOfUnmatched(unmatched, source);
  return { kind: "applied", unmatched };
}

/** Says what concerns nothing: at once where no client to come can change that, the rest when clients have had time to open. */
function warnOfUnmatched(unmatched: readonly UnmatchedRule[], source: string): void {
  const say = (rules: readonly UnmatchedRule[]): void => {
    if (rules.length > 0) {
      warn(`of the overrides in force (${source}), ${rules.map(describeUnmatched).join("; ")}`);
    }
  };
  clearTimeout(settling);
  say(unmatched.filter(({ serviceIsOpen }) => serviceIsOpen));
  const waiting = new Set(unmatched.filter(({ serviceIsOpen }) => !serviceIsOpen).map(({ path }) => path));
  if (waiting.size > 0) {
    settling = setTimeout(() => {
      const still = unmatchedNow().filter(({ path }) => waiting.has(path));
      if (still.length > 0) {
        publish({ kind: "unmatched", unmatched: still, source });
        say(still);
      }
    }, settlingMs).unref();
  }
}

function unmatchedNow(): readonly UnmatchedRule[] {
  const open = [...methods].map(({ service, contractPolicy }) => ({ service, method: contractPolicy.name }));
  return current === undefined ? [] : unmatchedRules(current, open);
}

/** Publishes something about overrides, for whoever watches them. */
export function publish(event: OverridesEvent): void {
  events.publish(event);
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

function problemsOf(json: unknown): readonly OverrideProblem[] {
  const parsed = parseOverrides(json);
  const [wrong, overrides] = parsed.kind === "valid" ? [[], parsed.overrides] : [parsed.problems, parsed.sound];
  const unsafe = [...methods].flatMap(({ service, contractPolicy }) =>
    unsafeChanges(service, contractPolicy, overrides),
  );
  // Several clients of a service have the same problems.
  return [...wrong, ...new Map(unsafe.map((problem) => [problem.message, problem])).values()];
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
