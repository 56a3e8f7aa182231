// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "@talaria/contract";

/**
 * Where the end of an attempt came from. The status code alone does not say: a library reports CANCELLED for a cancel of
 * the caller and for a stream that was reset, and DEADLINE_EXCEEDED for its own timer and for the server's word.
 *
 * - `server`: the server itself sent the status.
 * - `connection_lost`: the connection went away; the server may have executed the request.
 * - `unprocessed`: the connection went away, or never came, and the request provably did not reach a handler.
 * - `attempt_timeout`: the contract's time for one attempt ran out.
 * - `deadline`: the deadline of the call ran out.
 * - `cancelled`: the caller, or the winner of a hedge, cancelled it.
 * - `breaker`: the circuit breaker refused it.
 * - `local`: this process refused it (a limit, a missing header, no credentials, a load balancer's drop).
 */
export type FailureOrigin =
  | "server"
  | "connection_lost"
  | "unprocessed"
  | "attempt_timeout"
  | "deadline"
  | "cancelled"
  | "breaker"
  | "local";

/** What is known about an attempt that failed. */
export interface FailedAttempt {
  /** The status, as the library gave it. */
  readonly code: StatusCode;
  /** Where it came from. */
  readonly origin: FailureOrigin;
  /** A response message had reached the caller, or the request cannot be sent again. */
  readonly committed?: boolean | undefined;
  /** The value or values of the trailer `grpc-retry-pushback-ms`. */
  readonly pushback?: string | readonly string[] | undefined;
}

/** The code that policies go by: connection loss is UNAVAILABLE, whatever the library made of it. */
export function policyCode(code: StatusCode, origin: FailureOrigin): StatusCode {
  if (origin === "connection_lost" || origin === "unprocessed") return "UNAVAILABLE";
  if (origin === "attempt_timeout" || origin === "deadline") return "DEADLINE_EXCEEDED";
  return code;
}
