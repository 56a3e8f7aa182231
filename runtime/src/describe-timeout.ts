// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy } from "@talaria/contract";
import type { DeadlineSource } from "./engine/deadline.ts";
import { formatMs } from "./engine/format.ts";
import type { ExpiredTimeout } from "./error.ts";
import { contractPolicyOf, type Departure, departureOf, describeDeparture } from "./overrides/departure.ts";
import type { GuardedCall } from "./pipeline.ts";

/** The deadline of a call and who set it: an override that replaces the contract's stands in its place. */
export function expiredDeadline({ policy, timeoutMs, deadlineSetBy }: GuardedCall): ExpiredTimeout | undefined {
  if (deadlineSetBy === undefined) {
    return undefined;
  }
  const overridden = deadlineSetBy === "contract" && overriddenTimeout(policy, timeoutMs) !== undefined;
  return { timeoutMs, setBy: overridden ? "override" : deadlineSetBy };
}

function overriddenTimeout(policy: MethodPolicy, timeoutMs: number): Departure | undefined {
  return policy.responseTimeoutMs === timeoutMs ? departureOf(policy, "responseTimeoutMs") : undefined;
}

/** Who sets a deadline, as errors say it. */
export const setters: Readonly<Record<DeadlineSource, string>> = {
  contract: "the contract",
  caller: "the caller",
  inherited: "the call being served",
};

/** The deadline of a call, e.g. `the deadline of 800 ms, set by the contract,`. */
export function describeTimeout({ policy, timeoutMs, deadlineSetBy }: GuardedCall): string {
  const deadline = `the deadline of ${formatMs(timeoutMs)}`;
  if (deadlineSetBy === undefined) {
    return deadline;
  }
  const departure = deadlineSetBy === "contract" ? overriddenTimeout(policy, timeoutMs) : undefined;
  if (departure === undefined) {
    return `${deadline}, set by ${setters[deadlineSetBy]},`;
  }
  const { responseTimeoutMs: contractMs } = contractPolicyOf(departure.from);
  const instead =
    contractMs === undefined ? "where the contract sets none" : `in place of the contract's ${formatMs(contractMs)}`;
  return `${deadline}, set by ${describeDeparture(departure)} ${instead},`;
}
