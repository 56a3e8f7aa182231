// SPDX-License-Identifier: Apache-2.0
import { type DescMethod, hasOption } from "@bufbuild/protobuf";
import { methodConfigOption, type OptionValue, type ServiceInspection } from "@talaria/contract";
import { commonLeaves } from "./common-leaves.ts";
import { defaultOf, type Leaves, option, sameValue } from "./leaves.ts";
import { respondsWithStream } from "./responds-with-stream.ts";

/** What has to be written into the text of a service. */
export interface ServicePlan {
  /** Empty: nothing. */
  readonly service: Leaves;
  /** Only methods to which something is written. */
  readonly methods: ReadonlyMap<DescMethod, Leaves>;
  /** Where an annotation is in the way. */
  readonly conflicts: readonly Conflict[];
}

/** An annotation that is there already and says something else. It is left as it is. */
export interface Conflict {
  /** Absent: the service's own. */
  readonly method?: DescMethod;
  /** What the annotation would have to say. */
  readonly missing: Leaves;
  /** What it says and would have to leave out. */
  readonly extra: readonly string[];
}

/**
 * Distributes what each method must come to over the service and its methods. Annotations that are there already are
 * taken as given: nothing is written where they say the same, and where they do not, that is a conflict.
 *
 * @param targets for the methods that a config speaks of
 * @param shared what holds for the service as a whole
 */
export function planService(
  inspection: ServiceInspection,
  targets: ReadonlyMap<DescMethod, Leaves>,
  shared: Leaves,
): ServicePlan {
  const { service, declared, annotated } = inspection;
  const there = (on: DescMethod | undefined): Leaves =>
    new Map(declared.filter(({ method }) => method === on).map((own) => [own.option, own.value]));
  // Not by their values: an annotation may be there and set none, such as `retry: {}`.
  const isAnnotated = (method: DescMethod): boolean => hasOption(method, methodConfigOption);
  const fresh = !annotated && !service.methods.some(isAnnotated);
  const common = fresh
    ? commonLeaves(service.methods.map((method) => ({ method, leaves: targets.get(method) ?? new Map() })))
    : there(undefined);
  const methods = new Map<DescMethod, Leaves>();
  const conflicts: Conflict[] = [];
  for (const method of service.methods) {
    const target = targets.get(method) ?? (fresh ? new Map<string, OptionValue>() : undefined);
    if (target === undefined) {
      continue;
    }
    const isOn = (group: "retry" | "hedging"): boolean => inspection.originOf(group, method).setBy !== "default";
    const leaves = new Map([...common, ...there(method)]);
    const holds = { leaves, retries: fresh ? common.has(option.maxAttempts) : isOn("retry"), hedges: isOn("hedging") };
    const { missing, extra } = differenceFrom(holds, target, respondsWithStream(method));
    if (extra.length > 0 || (isAnnotated(method) && missing.size > 0)) {
      conflicts.push({ method, missing, extra });
    } else if (missing.size > 0) {
      methods.set(method, missing);
    }
  }
  // Load balancing always holds, with its defaults. The other groups have theirs only where they are written.
  const holdsByDefault = (name: string): boolean => {
    const group = name.slice(0, name.lastIndexOf("."));
    return group === "load_balancing" || inspection.originOf(group).setBy === "service";
  };
  const unsaid = new Map(
    [...shared].filter(
      ([name, value]) => !sameValue(common.get(name) ?? (holdsByDefault(name) ? defaultOf(name) : undefined), value),
    ),
  );
  if (annotated && unsaid.size > 0) {
    conflicts.push({ missing: unsaid, extra: [] });
  }
  return { service: annotated ? new Map() : new Map([...(fresh ? common : []), ...shared]), methods, conflicts };
}

/** What a method has without anything being written on it. */
interface Holding {
  readonly leaves: Leaves;
  /** There is a retry policy, so what it leaves out has its default. */
  readonly retries: boolean;
  readonly hedges: boolean;
}

/** What must be said beside what holds already, and what holds and must not. */
function differenceFrom(
  { leaves: holds, retries, hedges }: Holding,
  target: Leaves,
  streams: boolean,
): { readonly missing: Leaves; readonly extra: readonly string[] } {
  const missing = new Map<string, OptionValue>();
  const extra: string[] = [];
  for (const [name, value] of target) {
    const builtIn = !name.startsWith("retry.") || retries ? defaultOf(name) : undefined;
    if (!sameValue(holds.get(name) ?? builtIn, value)) {
      missing.set(name, value);
    }
  }
  if (!target.has(option.responseTimeout) && (holds.get(option.responseTimeout) ?? 0) !== 0) {
    // Where the response is a stream, 0 takes the limit away.
    streams ? missing.set(option.responseTimeout, 0) : extra.push(option.responseTimeout);
  }
  if (streams && holds.has(option.streamMaxDuration) && !target.has(option.streamMaxDuration)) {
    extra.push(option.streamMaxDuration);
  }
  if (holds.get(option.waitForReady) === true && !target.has(option.waitForReady)) {
    missing.set(option.waitForReady, false);
  }
  if (retries && !target.has(option.maxAttempts) && holds.get(option.maxAttempts) !== 1) {
    missing.set(option.maxAttempts, 1);
  }
  if (hedges && !target.has(option.hedgingDelay)) {
    extra.push("hedging");
  }
  return { missing, extra };
}
