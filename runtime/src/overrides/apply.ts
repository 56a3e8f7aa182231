// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy } from "@talaria/contract";
import { type DepartingSettings, type Departure, noteDeparture } from "./departure.ts";
import type { OverrideProblem, OverrideRule, Overrides } from "./overrides.ts";

/** What overrides make of one method. */
export interface OverriddenMethod {
  readonly policy: MethodPolicy;
  /** How the circuit breaker is held; `undefined` when it is left alone. */
  readonly circuitBreaker: "open" | "closed" | undefined;
}

/** The settings for one method, of all rules that match it. */
function settingsFor(service: string, method: string, { rules }: Overrides): Omit<OverrideRule, "service" | "method"> {
  const matching = rules.filter((rule) => matches(rule, service, method));
  const { service: _service, method: _method, ...settings } = Object.assign({ service }, ...matching) as OverrideRule;
  return settings;
}

/** A policy with what overrides change of it. `by` says whose they are; `keepTimeout` leaves the response timeout alone. */
export function overridePolicy(
  service: string,
  policy: MethodPolicy,
  overrides: Overrides,
  { by, keepTimeout = false }: { readonly by: Departure["by"]; readonly keepTimeout?: boolean },
): OverriddenMethod {
  const { circuitBreaker, ...settings } = settingsFor(service, policy.name, overrides);
  const { maxAttempts, maxConcurrentRequests } = settings;
  const responseTimeoutMs = keepTimeout ? undefined : settings.responseTimeoutMs;
  const overridden: MethodPolicy = {
    ...policy,
    ...(responseTimeoutMs === undefined ? {} : { responseTimeoutMs }),
    ...(maxAttempts === undefined ? {} : capAttempts(policy, maxAttempts)),
    ...(maxConcurrentRequests === undefined || policy.maxConcurrentRequests === undefined
      ? {}
      : { maxConcurrentRequests: Math.min(maxConcurrentRequests, policy.maxConcurrentRequests) }),
  };
  noteDeparture(overridden, { by, reason: overrides.reason, settings: changesOf(policy, overridden), from: policy });
  return { circuitBreaker, policy: overridden };
}

/** The settings that are not what they were. */
function changesOf(before: MethodPolicy, after: MethodPolicy): DepartingSettings {
  const { responseTimeoutMs, maxConcurrentRequests } = after;
  const maxAttempts = mostAttemptsOf(after);
  return {
    ...(responseTimeoutMs !== before.responseTimeoutMs && { responseTimeoutMs }),
    ...(maxAttempts !== undefined && maxAttempts !== mostAttemptsOf(before) && { maxAttempts }),
    ...(maxConcurrentRequests !== before.maxConcurrentRequests && { maxConcurrentRequests }),
  };
}

function mostAttemptsOf({ retry, hedging }: MethodPolicy): number | undefined {
  return (hedging ?? retry)?.maxAttempts;
}

/** What overrides would make less safe than the contract of a method, when they do not say that it is meant. */
export function unsafeChanges(service: string, policy: MethodPolicy, overrides: Overrides): OverrideProblem[] {
  const { rules, allowLessSafe } = overrides;
  const index = rules.findLastIndex(
    (rule) => rule.responseTimeoutMs !== undefined && matches(rule, service, policy.name),
  );
  const timeoutMs = rules[index]?.responseTimeoutMs;
  const contractMs = policy.responseTimeoutMs;
  if (allowLessSafe || timeoutMs === undefined || contractMs === undefined || timeoutMs <= contractMs) {
    return [];
  }
  const message =
    `${timeoutMs} ms is longer than the ${contractMs} ms of its contract, for ${service}/${policy.name}: ` +
    'set "allowLessSafe": true beside "reason" if that is meant';
  return [{ path: `rules[${index}].responseTimeoutMs`, message }];
}

/** Whether a rule concerns a method. */
export function matches(rule: OverrideRule, service: string, method: string): boolean {
  return (rule.service === "*" || rule.service === service) && (rule.method ?? method) === method;
}

function capAttempts({ retry, hedging }: MethodPolicy, maxAttempts: number): Partial<MethodPolicy> {
  const cap = <T extends { readonly maxAttempts: number }>(of: T): T => ({
    ...of,
    maxAttempts: Math.min(of.maxAttempts, maxAttempts),
  });
  return { ...(retry && { retry: cap(retry) }), ...(hedging && { hedging: cap(hedging) }) };
}
