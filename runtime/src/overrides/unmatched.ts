// SPDX-License-Identifier: Apache-2.0

import { nearestNames } from "../nearest.ts";
import { matches } from "./apply.ts";
import type { OverrideRule, Overrides } from "./overrides.ts";

/** A rule that concerns no method of a client that is open: a mistake in a name, or a client that is yet to be opened. */
export interface UnmatchedRule {
  /** Where, e.g. `rules[0]`. */
  readonly path: string;
  readonly service: string;
  readonly method?: string;
  /** Names of open clients that are most like it: of services, or, where the service is known, of methods. */
  readonly nearest: readonly string[];
  /** A client of its service is open, and has no such method: no client to come will change that. */
  readonly serviceIsOpen: boolean;
}

/** A method of an open client, by its names. */
export interface NamedMethod {
  readonly service: string;
  readonly method: string;
}

/** The rules that concern none of these methods. */
export function unmatchedRules({ rules }: Overrides, methods: readonly NamedMethod[]): UnmatchedRule[] {
  return rules.flatMap((rule, index) =>
    (rule.service === "*" && rule.method === undefined) ||
    methods.some(({ service, method }) => matches(rule, service, method))
      ? []
      : [describe(rule, `rules[${index}]`, methods)],
  );
}

function describe({ service, method }: OverrideRule, path: string, methods: readonly NamedMethod[]): UnmatchedRule {
  const ofService = methods.filter((open) => service === "*" || open.service === service);
  const serviceIsOpen = service !== "*" && ofService.length > 0;
  const candidates =
    method !== undefined && ofService.length > 0
      ? nearestNames(
          method,
          ofService.map((open) => open.method),
        )
      : nearestNames(
          service,
          methods.map((open) => open.service),
        );
  return { path, service, ...(method !== undefined && { method }), nearest: candidates, serviceIsOpen };
}

/** Says of a rule that it concerns nothing, and what may have been meant. */
export function describeUnmatched({ path, service, method, nearest, serviceIsOpen }: UnmatchedRule): string {
  const name = method === undefined ? service : `${service}/${method}`;
  const hint = nearest.length === 0 ? "" : `; did you mean ${nearest.join(" or ")}?`;
  return serviceIsOpen
    ? `${path} changes nothing: ${service} has no method ${method}${hint}`
    : `${path} changes nothing so far: no client of ${name} is open, and it waits for one${hint}`;
}
