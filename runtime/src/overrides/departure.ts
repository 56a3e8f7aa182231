// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy } from "@talaria/contract";
import type { OverrideRule } from "./overrides.ts";

/** What overrides can change of a policy. */
export type DepartingSettings = Pick<OverrideRule, "responseTimeoutMs" | "maxAttempts" | "maxConcurrentRequests">;

/** What in a policy is not its contract's, and why. */
export interface Departure {
  /** Overrides of the process, or those that a client was opened with. */
  readonly by: "process" | "client";
  readonly reason: string;
  /** What it changed, and to what. */
  readonly settings: DepartingSettings;
  /** What it departs from. */
  readonly from: MethodPolicy;
}

// By policy, and not part of it: a policy is what a contract says.
const departures = new WeakMap<MethodPolicy, Departure>();

/** Takes note of where a policy departs from another, so that errors can say so. */
export function noteDeparture(policy: MethodPolicy, departure: Departure): void {
  departures.set(policy, departure);
}

/** The departure that a setting of a policy has its value from; nothing when that is the contract's. */
export function departureOf(policy: MethodPolicy, setting: keyof DepartingSettings): Departure | undefined {
  let departure = departures.get(policy);
  while (departure !== undefined && departure.settings[setting] === undefined) {
    departure = departures.get(departure.from);
  }
  return departure;
}

/** The policy as its contract has it. */
export function contractPolicyOf(policy: MethodPolicy): MethodPolicy {
  let contract = policy;
  for (let at = departures.get(policy); at !== undefined; at = departures.get(at.from)) {
    contract = at.from;
  }
  return contract;
}

/** Who a departure is by, as errors say it. */
export function describeDeparture({ by, reason }: Departure): string {
  return by === "process"
    ? `an override of this process (${reason})`
    : `the override that its client was opened with (${reason})`;
}
