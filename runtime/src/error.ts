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
 * - `deadline_exceeded`: the time for the whole call ran out, or for the first message of a stream; also a stream that outlived
 *   the time that its caller, or the call being served, gave it.
 * - `attempt_timeout`: the time for one attempt ran out, and no further attempt was made.
 * - `stream_timeout`: a stream sent nothing for too long after a message, or lasted too long, by its contract.
 * - `circuit_breaker_open`: the circuit breaker refused the call; nothing was sent.
 * - `concurrency_limit`: too many calls were in flight; nothing was sent.
 * - `unauthenticated`: no credentials could be had for the call; nothing was sent.
 * - `missing_header`: a header that the contract requires is missing; nothing was sent.
 * - `cancelled`: the caller cancelled the call.
 * - `client_closed`: the client was closed: before the call, of which nothing was sent, or under an open stream, whose server may
 *   have done some of the work. The message tells which.
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

/**
 * Who set the time that ran out: the contract, the caller (`timeoutMs`), the call being served (its deadline is inherited), or an
 * override.
 */
export type TimeoutOrigin = "contract" | "caller" | "inherited" | "override";

/** The time that ran out. */
export interface ExpiredTimeout {
  /** How long it was, in milliseconds. */
  readonly timeoutMs: number;
  readonly setBy: TimeoutOrigin;
}

/** A circuit breaker as it was when it refused a call. */
export interface BreakerRefusal {
  /** What it guards: a method, e.g. `shop.orders.v1.OrderService/GetOrder`, or a service. */
  readonly breaker: string;
  /** Where it was. While HALF_OPEN, its trials are under way and everyone else is refused. */
  readonly state: "OPEN" | "HALF_OPEN";
  /** An override of the process holds it open, whatever the server does. There are no numbers then. */
  readonly held: boolean;
  /** Why it opened: attempts that failed, or took too long, in its window; or the same of its trials. */
  readonly trip: BreakerTripNumbers | undefined;
  /** How much time its window spans, in milliseconds. */
  readonly windowMs: number | undefined;
  /** In how many milliseconds it lets a trial through (OPEN to HALF_OPEN), or another one. */
  readonly nextTrialInMs: number | undefined;
}

/** The numbers that a circuit breaker opened by. */
export interface BreakerTripNumbers {
  readonly kind: "failures" | "slow_calls" | "failed_trials" | "slow_trials";
  /** How many attempts failed, or took too long. */
  readonly count: number;
  /** Of how many. */
  readonly total: number;
  /** `count` of `total`, from 0 to 1. */
  readonly rate: number;
  /** The rate from which on it opens. */
  readonly threshold: number;
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
  /** The time that ran out. */
  readonly timeout?: ExpiredTimeout | undefined;
  /** The breaker that refused. */
  readonly breaker?: BreakerRefusal | undefined;
}

/**
 * A call that failed. A ConnectError, so that whatever handles those handles this, with what a caller needs to act:
 * a `reason` to switch on, and each attempt that was made.
 */
export class CallError extends ConnectError {
  /** Why the call failed. */
  readonly reason: FailureReason;
  /**
   * The attempts that failed, in order; empty when nothing was sent. An attempt that was cancelled under way, by the
   * caller or as the loser of a hedge, is not among them.
   */
  readonly attempts: readonly AttemptRecord[];
  /** When it makes sense to call again, in milliseconds. Set when a circuit breaker refused the call. */
  readonly retryAfterMs: number | undefined;
  /**
   * Which time ran out. Set for `attempt_timeout` and `stream_timeout`, and for `deadline_exceeded` unless only a signal told of it:
   * a server of Connect aborts that of a call being served when its time is up.
   */
  readonly timeout: ExpiredTimeout | undefined;
  /** The circuit breaker that refused, with its numbers. Set for `circuit_breaker_open`. */
  readonly breaker: BreakerRefusal | undefined;

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
    this.timeout = failure.timeout;
    this.breaker = failure.breaker;
  }

  // ConnectError recognises its kind by shape, and a subclass inherits that: without this, every ConnectError would be an
  // `instanceof CallError`. The `name` stays "ConnectError", or this would be none.
  static override [Symbol.hasInstance](value: unknown): value is CallError {
    return value instanceof ConnectError && "reason" in value && "attempts" in value && Array.isArray(value.attempts);
  }
}

/** The fields that a CallError always has when it failed for a reason. */
type FieldsOf<R extends FailureReason> = R extends "circuit_breaker_open"
  ? { readonly breaker: BreakerRefusal }
  : R extends "attempt_timeout" | "stream_timeout"
    ? { readonly timeout: ExpiredTimeout }
    : unknown;

/** A CallError of one reason, as a client throws it: with the fields that are set for that. */
export type CallErrorOf<R extends FailureReason> = R extends FailureReason
  ? CallError & { readonly reason: R } & FieldsOf<R>
  : never;

/**
 * Whether a value is a CallError, and, if a reason is given, one of that reason.
 *
 * ```ts
 * if (isCallError(error, "circuit_breaker_open")) {
 *   console.warn(`${error.breaker.breaker} is ${error.breaker.state}`);
 * }
 * ```
 */
export function isCallError<R extends FailureReason>(value: unknown, reason: R): value is CallErrorOf<R>;
export function isCallError(value: unknown, reason?: FailureReason): value is CallError;
export function isCallError(value: unknown, reason?: FailureReason): boolean {
  return value instanceof CallError && (reason === undefined || value.reason === reason);
}
