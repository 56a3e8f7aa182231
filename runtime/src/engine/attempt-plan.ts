// SPDX-License-Identifier: Apache-2.0
import type { FailedAttempt } from "./failure.ts";
import type { HedgingAction } from "./hedging.ts";
import type { NoRetryReason } from "./retry.ts";

/** What the driver of a call has to do, in the order given. Attempts count from 1. */
export type AttemptAction =
  | Exclude<HedgingAction, { readonly kind: "finish" }>
  /** The call ends as this attempt ended. `why` says why no further attempt follows a failure. */
  | { readonly kind: "finish"; readonly attempt: number; readonly why?: NoRetryReason };

/** When the attempts of one call start and which of them ends it: retry or hedging. Events go in, actions come out. */
export interface AttemptPlan {
  /** What the attempts after the first are. */
  readonly furtherKind: "retry" | "hedge";
  /** The throttle has kept the call from a further attempt. */
  readonly throttled: boolean;
  /** The call begins, with `remainingMs` to its deadline (`Infinity`: none). */
  start(remainingMs: number): readonly AttemptAction[];
  /** A wait is over. */
  onDelay(remainingMs: number): readonly AttemptAction[];
  /** An attempt succeeded. For a streaming response: it delivered its first message, or ended well without one. */
  onSuccess(attempt: number): readonly AttemptAction[];
  /** What was sent is not kept, so that no other attempt can send it: the call ends as this attempt ends. */
  onCommitted(attempt: number): readonly AttemptAction[];
  /** An attempt failed. */
  onFailure(attempt: number, failure: FailedAttempt, remainingMs: number): readonly AttemptAction[];
}
