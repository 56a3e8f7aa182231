// SPDX-License-Identifier: Apache-2.0
import type { HedgingPolicy } from "@talaria/contract";
import type { AttemptPlan } from "./attempt-plan.ts";
import { Hedging } from "./hedging.ts";
import type { RetryRules } from "./retry.ts";
import { Retrying } from "./retrying.ts";

/** Plans the attempts of one call: hedged, tried again, or one only. */
export function planAttempts(
  hedging: HedgingPolicy | undefined,
  retry: RetryRules,
  singleAttempt: boolean,
): AttemptPlan {
  if (singleAttempt) {
    return new Retrying({ ...retry, policy: undefined });
  }
  return hedging === undefined ? new Retrying(retry) : new Hedging(hedging, retry.throttle);
}
