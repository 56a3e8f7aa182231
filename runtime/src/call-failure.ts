// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { abortedSignal } from "./abort.ts";
import { lastingConnectionFailure } from "./connection-failure.ts";
import type { ScopedCallOptions } from "./context/propagate.ts";
import { describeStop } from "./describe-stop.ts";
import { describeTimeout, expiredDeadline, setters } from "./describe-timeout.ts";
import type { BreakerSnapshot } from "./engine/breaker.ts";
import type { DeadlineSource } from "./engine/deadline.ts";
import { describeRefusal } from "./engine/describe-refusal.ts";
import type { FailureOrigin } from "./engine/failure.ts";
import { formatMs } from "./engine/format.ts";
import type { NoRetryReason } from "./engine/retry.ts";
import {
  type AttemptRecord,
  type BreakerRefusal,
  CallError,
  type ExpiredTimeout,
  type FailureReason,
} from "./error.ts";
import type { GuardedMethod } from "./guarded-method.ts";
import { departureOf, describeDeparture } from "./overrides/departure.ts";
import { currentOverrides } from "./overrides/process-overrides.ts";
import type { GuardedCall } from "./pipeline.ts";
import { unusableOption } from "./unusable-option.ts";

/**
 * The error of a call that is refused before anything is tried, or nothing: because its client is closed, because its
 * caller has cancelled it already or gives it unusable options, or because it lacks a header that the contract requires.
 */
export function refusalAtOnce(
  { lifetime, policy, name }: GuardedMethod,
  options: ScopedCallOptions,
): CallError | undefined {
  const signal = abortedSignal(options);
  if (signal !== undefined) {
    return new CallError({ ...describeCancellation(name, cancellation(signal)), attempts: [] });
  }
  const unusable = unusableOption(options);
  if (unusable !== undefined) {
    const message = `${name} was called with ${unusable}; nothing was sent`;
    return new CallError({ reason: "local", code: Code.InvalidArgument, message, attempts: [] });
  }
  if (!lifetime.open) {
    const message = `the client was closed before ${name} was called; nothing was sent`;
    return new CallError({ reason: "client_closed", code: Code.Canceled, message, attempts: [] });
  }
  // Interceptors that did not let it in may have been about to add them.
  if (policy.requiredHeaders.length === 0 || options.isLate) {
    return undefined;
  }
  let headers: Headers;
  try {
    headers = new Headers(options.headers);
  } catch (error) {
    const message = `the request headers cannot be sent: ${(error as Error).message}; nothing was sent`;
    return new CallError({ reason: "local", code: Code.InvalidArgument, message, attempts: [] });
  }
  const missing = policy.requiredHeaders.filter((key) => !headers.has(key));
  if (missing.length === 0) {
    return undefined;
  }
  const message = `${name} requires the ${missing.length === 1 ? "header" : "headers"} ${missing.join(", ")}; nothing was sent`;
  return new CallError({ reason: "missing_header", code: Code.InvalidArgument, message, attempts: [] });
}

/** Why a caller cancelled a call. It is DEADLINE_EXCEEDED when a server of Connect cancels what it serves since its time is up. */
export function cancellation({ reason }: AbortSignal): ConnectError {
  return ConnectError.from(reason, Code.Canceled);
}

function describeCancellation(
  name: string,
  cause: ConnectError,
): Pick<FailureDescription, "reason" | "code" | "message"> {
  return cause.code === Code.DeadlineExceeded
    ? {
        reason: "deadline_exceeded",
        code: Code.DeadlineExceeded,
        message: `the deadline of what ${name} was called for passed: ${cause.rawMessage}`,
      }
    : { reason: "cancelled", code: Code.Canceled, message: cause.rawMessage };
}

interface FailureDescription {
  readonly reason: FailureReason;
  readonly code: Code;
  readonly message: string;
  readonly timeout?: ExpiredTimeout | undefined;
}

/** The error of a stream that sent nothing for too long. `silent`: the attempt that it was. */
export function streamIdle(call: GuardedCall, idleMs: number, silent: AttemptRecord): CallError {
  const message = `${call.method.name} sent no message for ${formatMs(idleMs)}, the longest gap its contract allows`;
  return streamTimeout([...call.failed, silent], "stream_timeout", message, { timeoutMs: idleMs, setBy: "contract" });
}

/** How far a stream had come when its time was up. */
export interface StreamProgress {
  /** The time that it had, and whose limit that was. */
  readonly timeoutMs: number;
  readonly setBy: DeadlineSource | undefined;
  /** How many messages had come. */
  readonly messages: number;
}

/** The error of a stream whose time was up: its contract's, or that of whoever wants its messages. */
export function streamTooLong(call: GuardedCall, { timeoutMs, setBy, messages }: StreamProgress): CallError {
  const after = `after ${messages} ${messages === 1 ? "message" : "messages"}`;
  if (setBy === "caller" || setBy === "inherited") {
    const message = `the deadline of ${formatMs(timeoutMs)}, set by ${setters[setBy]}, passed for ${call.method.name} while its stream was open, ${after}`;
    return streamTimeout(call.failed, "deadline_exceeded", message, { timeoutMs, setBy });
  }
  const message = `the stream of ${call.method.name} lasted ${formatMs(timeoutMs)}, the longest its contract allows; it ended ${after}`;
  return streamTimeout(call.failed, "stream_timeout", message, { timeoutMs, setBy: "contract" });
}

function streamTimeout(
  attempts: readonly AttemptRecord[],
  reason: "stream_timeout" | "deadline_exceeded",
  message: string,
  timeout: ExpiredTimeout,
): CallError {
  return new CallError({ reason, code: Code.DeadlineExceeded, message, attempts, timeout });
}

/** The error of a stream whose client was closed. */
export function closedUnderStream(call: GuardedCall): CallError {
  const message = `the client was closed while a stream of ${call.method.name} was open; the server may have done some of its work`;
  return new CallError({ reason: "client_closed", code: Code.Canceled, message, attempts: call.failed });
}

/** The error of a call that the circuit breaker refused. Its cause is the last failure that the breaker saw. */
export function breakerRefusal(
  call: GuardedCall,
  snapshot: BreakerSnapshot,
  cause: ConnectError | undefined,
): CallError {
  return new CallError({
    cause,
    reason: "circuit_breaker_open",
    code: Code.Unavailable,
    message: describeRefusal(snapshot, call.method.breakerName),
    attempts: call.failed,
    breaker: describeBreaker(snapshot, call.method.breakerName),
    retryAfterMs: snapshot.nextTrialInMs === undefined ? undefined : Math.ceil(snapshot.nextTrialInMs),
  });
}

function describeBreaker({ state, trip, windowMs, nextTrialInMs }: BreakerSnapshot, breaker: string): BreakerRefusal {
  return {
    breaker,
    state: state === "HALF_OPEN" ? "HALF_OPEN" : "OPEN",
    held: false,
    trip: trip === undefined || trip.kind === "by_hand" ? undefined : { ...trip, rate: trip.count / trip.total },
    windowMs,
    nextTrialInMs: nextTrialInMs === undefined ? undefined : Math.ceil(nextTrialInMs),
  };
}

/** The error of a call that overrides of the process refuse. */
export function overrideRefusal(call: GuardedCall): CallError {
  const why = currentOverrides()?.reason ?? "its reason is no longer known";
  return new CallError({
    reason: "circuit_breaker_open",
    code: Code.Unavailable,
    message: `circuit breaker held open for ${call.method.name} by an override of this process: ${why}; nothing was sent`,
    attempts: call.failed,
    breaker: {
      breaker: call.method.breakerName,
      state: "OPEN",
      held: true,
      trip: undefined,
      windowMs: undefined,
      nextTrialInMs: undefined,
    },
  });
}

/** The error of a call for which too many others were in flight. */
export function concurrencyRefusal(call: GuardedCall, max: number): CallError {
  const departure = departureOf(call.method.policy, "maxConcurrentRequests");
  const who = departure === undefined ? call.method.name : `${describeDeparture(departure)} for ${call.method.name}`;
  return new CallError({
    reason: "concurrency_limit",
    code: Code.ResourceExhausted,
    message: `${who} allows ${max} concurrent calls per process and target, and as many are in flight; nothing was sent`,
    attempts: call.failed,
  });
}

/**
 * The error of a call whose last attempt failed.
 *
 * @param failure The failure of that attempt.
 * @param why Why no further attempt was made.
 */
export function callFailure(
  call: GuardedCall,
  failure: unknown,
  origin: FailureOrigin,
  why: NoRetryReason | undefined,
): CallError {
  const last = ConnectError.from(failure, Code.Internal);
  const { reason, code, message, timeout } = describe(call, last, origin);
  const note = describeStop(call, why, last.code);
  return new CallError({
    reason,
    code,
    timeout,
    message: note === "" ? message : `${message} (${note})`,
    attempts: call.failed,
    last: origin === "deadline" ? (call.lastCause ?? last) : last,
  });
}

function describe(call: GuardedCall, last: ConnectError, origin: FailureOrigin): FailureDescription {
  switch (origin) {
    case "deadline":
      return {
        reason: "deadline_exceeded",
        code: Code.DeadlineExceeded,
        message: describeDeadline(call, last),
        timeout: expiredDeadline(call),
      };
    case "attempt_timeout": {
      const timeoutMs = call.policy.retry?.perAttemptTimeoutMs ?? 0;
      return {
        reason: "attempt_timeout",
        code: Code.DeadlineExceeded,
        message: `no answer from ${call.method.name} within the ${formatMs(timeoutMs)} that its contract gives an attempt`,
        timeout: { timeoutMs, setBy: "contract" },
      };
    }
    case "connection_lost":
    case "unprocessed":
      return { reason: "connection_lost", code: Code.Unavailable, message: last.rawMessage };
    case "cancelled": {
      const told = describeCancellation(call.method.name, last);
      const isInherited = told.reason === "deadline_exceeded" && call.deadlineSetBy === "inherited";
      return isInherited ? { ...told, timeout: expiredDeadline(call) } : told;
    }
    case "server":
      return { reason: "status", code: last.code, message: last.rawMessage };
    default: {
      const { reason, message } = lastingConnectionFailure(last.rawMessage) ?? {
        reason: last.code === Code.Unauthenticated ? ("unauthenticated" as const) : ("local" as const),
        message: last.rawMessage,
      };
      return { reason, code: last.code, message };
    }
  }
}

function describeDeadline(call: GuardedCall, last: ConnectError): string {
  const attempts = `${call.attempts} ${call.attempts === 1 ? "attempt" : "attempts"}`;
  const cause = call.lastCause?.message ?? last.rawMessage;
  return `${describeTimeout(call)} passed for ${call.method.name} in ${attempts}; last cause: ${cause}`;
}
