// SPDX-License-Identifier: Apache-2.0
import type { BreakerSnapshot, BreakerTrip } from "./breaker.ts";
import { formatMs, formatShare } from "./format.ts";

/**
 * Why a breaker refused an attempt, in one sentence with its numbers, e.g. `circuit breaker open for
 * shop.v1.Orders/Get: 31 of 50 attempts failed (62 % >= 50 %) in 20 s; next trial in 7.4 s`.
 *
 * @param key What the breaker guards: a method, or a service.
 */
export function describeRefusal(snapshot: BreakerSnapshot, key: string): string {
  const why = snapshot.trip === undefined ? "" : `: ${describeTrip(snapshot.trip, snapshot)}`;
  return `circuit breaker open for ${key}${why}${describeNextTrial(snapshot)}`;
}

function describeTrip(trip: BreakerTrip, { windowMs, slowCallDurationMs = 0 }: BreakerSnapshot): string {
  if (trip.kind === "by_hand") return "opened by hand";
  const share = `(${formatShare(trip.count / trip.total)} >= ${formatShare(trip.threshold)})`;
  const amount = `${trip.count} of ${trip.total}`;
  switch (trip.kind) {
    case "failures":
      return `${amount} attempts failed ${share} in ${formatMs(windowMs)}`;
    case "slow_calls":
      return `${amount} attempts took longer than ${formatMs(slowCallDurationMs)} ${share} in ${formatMs(windowMs)}`;
    case "failed_trials":
      return `${amount} trials failed ${share}`;
    case "slow_trials":
      return `${amount} trials took longer than ${formatMs(slowCallDurationMs)} ${share}`;
  }
}

function describeNextTrial({ state, forced, nextTrialInMs = 0 }: BreakerSnapshot): string {
  if (forced) return "; no trial until it is released";
  const running = state === "HALF_OPEN" ? "trial running, " : "";
  return `; ${running}next trial in ${formatMs(nextTrialInMs)}`;
}
