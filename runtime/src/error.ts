// SPDX-License-Identifier: Apache-2.0

import { type Code, ConnectError } from "@connectrpc/connect";
import type { StatusCode } from "@talaria/contract";

/**
 * Why a call failed:
 *
 * - `status`: the server answered with an error.
 * - `connection_lost`: the connection was lost, or none could be made.
 * - `identity_mismatch`: the server is not who the contract says it must be; nothing was sent.
 * - `tls_failure`: no secure connection could be made, e.g. because of an unknown authority; nothing was sent.
 * - `deadline_exceeded`: the time for the whole call ran out.
 * - `attempt_timeout`: the time for one attempt ran out, and no further attempt was made.
 * - `stream_timeout`: a stream sent nothing for too long, or lasted too long.
 * - `circuit_breaker_open`: the circuit breaker refused the call; nothing was sent.
 * - `concurrency_limit`: too many calls were in flight; nothing was sent.
 * - `unauthenticated`: no credentials could be had for the call; nothing was sent.
 * - `missing_header`: a header that the contract requires is missing; nothing was sent.
 * - `cancelled`: the caller cancelled the call.
 * - `client_closed`: the client was closed; nothing was sent.
 * - `local`: the call failed on this side, e.g. because a message could not be encoded or decoded.
 */
export type FailureReason =
  | "status"
  | "connection_lost"
  | "identity_mismatch"
  | "tls_failure"
  | "deadline_exceeded"
  | "attempt_timeout"
  | "stream_timeout"
  | "circuit_breaker_open"
  | "concurrency_limit"
  | "unauthenticated"
  | "missing_header"
  | "cancelled"
  | "client_closed"
  | "local";

/** One attempt of a call, as it ended. */
export interface AttemptRecord {
  /** The address of the server; absent when none was picked. */
  readonly peer?: string;
  /** How it ended. A lost connection is UNAVAILABLE. */
  readonly code: StatusCode;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** What a CallError is made of. */
export interface CallFailure {
  readonly reason: FailureReason;
  readonly message: string;
  readonly code: Code;
  readonly attempts: readonly AttemptRecord[];
  /** The failure of the last attempt; its metadata and details become the error's. */
  readonly last?: ConnectError | undefined;
  /** What lies behind it, where that is no attempt of this call. */
  readonly cause?: ConnectError | undefined;
  /** When it makes sense to call again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * A call that failed. A ConnectError, so that whatever handles those handles this, with what a caller needs to act:
 * a `reason` to switch on, and each attempt that was made.
 */
export class CallError extends ConnectError {
  /** Why the call failed. */
  readonly reason: FailureReason;
  /** The attempts made, in order; empty when nothing was sent. */
  readonly attempts: readonly AttemptRecord[];
  /** When it makes sense to call again, in milliseconds. Set when a circuit breaker refused the call. */
  readonly retryAfterMs: number | undefined;

  constructor(failure: CallFailure) {
    super(
      failure.message,
      failure.code,
      failure.last?.metadata,
      undefined,
      failure.cause ?? failure.last?.cause ?? failure.last,
    );
    if (failure.last !== undefined) {
      this.details = failure.last.details;
    }
    this.reason = failure.reason;
    this.attempts = failure.attempts;
    this.retryAfterMs = failure.retryAfterMs;
  }

  // ConnectError recognises its kind by shape, and a subclass inherits that: without this, every ConnectError would be an
  // `instanceof CallError`. The `name` stays "ConnectError", or this would be none.
  static override [Symbol.hasInstance](value: unknown): value is CallError {
    return value instanceof ConnectError && "reason" in value && "attempts" in value && Array.isArray(value.attempts);
  }
}

/** Whether a value is a CallError, and, if a reason is given, one of that reason. */
export function isCallError(value: unknown, reason?: FailureReason): value is CallError {
  return value instanceof CallError && (reason === undefined || value.reason === reason);
}
