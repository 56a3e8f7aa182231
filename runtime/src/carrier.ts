// SPDX-License-Identifier: Apache-2.0
import type { ScopedCallOptions } from "./context/propagate.ts";
import type { CallError } from "./error.ts";
import type { GuardedAttempt } from "./guarded-attempt.ts";

/** What moves the messages of a call. */
export interface Carrier {
  /** What the application called with. */
  readonly options: ScopedCallOptions;
  /** A response message has reached the caller, or the request cannot be sent again. */
  readonly committed: boolean;
  /** Start an attempt on the wire and set its `handle`. May throw; the call then fails with what was thrown. */
  startAttempt(attempt: GuardedAttempt): void;
  /** The call goes on, or ends, as this attempt: it succeeded. All others were cancelled. */
  onWinner(attempt: GuardedAttempt): void;
  /** The call has failed. */
  onFailure(error: CallError): void;
}

/** What limits the time of a call, and how it is tried again. */
export interface CallLimits {
  /** What the contract allows. */
  readonly contractTimeoutMs: number | undefined;
  /** What the caller asked for. */
  readonly callerTimeoutMs: number | undefined;
  /** What is left of the deadline of the call being served. */
  readonly inheritedTimeoutMs: number | undefined;
  /** How long ago the call was made: all of its time runs since then. Absent: it is made now. */
  readonly elapsedMs?: number | undefined;
  /** The caller wants one attempt only. */
  readonly singleAttempt: boolean;
}
