// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { lastingConnectionFailure } from "./connection-failure.ts";
import type { BreakerSnapshot } from "./engine/breaker.ts";
import { describeRefusal } from "./engine/describe-refusal.ts";
import type { FailureOrigin } from "./engine/failure.ts";
import { formatMs } from "./engine/format.ts";
import type { NoRetryReason } from "./engine/retry.ts";
import { type AttemptRecord, CallError, type FailureReason } from "./error.ts";
import { currentOverrides } from "./overrides/process-overrides.ts";
import type { GuardedCall, GuardedMethod } from "./pipeline.ts";
import type { HeaderInit } from "./wire.ts";

/**
 * The error of a call that is refused before anything is tried, or nothing: because its client is closed, because its
 * caller has cancelled it already, or because it lacks a header that the contract requires.
 */
export function refusalAtOnce(
  { lifetime, policy, name }: GuardedMethod,
  header: HeaderInit,
  signal: AbortSignal | undefined,
): CallError | undefined {
  if (signal?.aborted) {
    const { rawMessage: message } = cancellation(signal);
    return new CallError({ reason: "cancelled", code: Code.Canceled, message, attempts: [] });
  }
  if (!lifetime.open) {
    const message = `the client was closed before ${name} was called`;
    return new CallError({ reason: "client_closed", code: Code.Canceled, message, attempts: [] });
  }
  if (policy.requiredHeaders.length === 0) {
    return undefined;
  }
  let headers: Headers;
  try {
    headers = new Headers(header);
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

/** Why a caller cancelled a call. */
export function cancellation({ reason }: AbortSignal): ConnectError {
  return ConnectError.from(reason, Code.Canceled);
}

/** The error of a stream that sent nothing for too long. */
export function streamIdle(call: GuardedCall, idleMs: number): CallError {
  return streamTimeout(
    call,
    `${call.method.name} sent no message for ${formatMs(idleMs)}, the longest gap its contract allows`,
  );
}

/** The error of a stream that lasted too long. */
export function streamTooLong(call: GuardedCall, startedAtMs: number): CallError {
  const lastedMs = call.method.clock.nowMs() - startedAtMs;
  return streamTimeout(
    call,
    `the stream of ${call.method.name} reached its longest duration after ${formatMs(lastedMs)}`,
  );
}

function streamTimeout(call: GuardedCall, message: string): CallError {
  return new CallError({ reason: "stream_timeout", code: Code.DeadlineExceeded, message, attempts: call.failed });
}

/** The error of a stream whose client was closed. */
export function closedUnderStream(call: GuardedCall): CallError {
  const message = `the client was closed while a stream of ${call.method.name} was open`;
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
    retryAfterMs: snapshot.nextTrialInMs === undefined ? undefined : Math.ceil(snapshot.nextTrialInMs),
  });
}

/** The error of a call that overrides of the process refuse. */
export function overrideRefusal(call: GuardedCall): CallError {
  const why = currentOverrides()?.reason ?? "its reason is no longer known";
  return new CallError({
    reason: "circuit_breaker_open",
    code: Code.Unavailable,
    message: `circuit breaker held open for ${call.method.name} by an override of this process: ${why}; nothing was sent`,
    attempts: call.failed,
  });
}

/** The error of a call for which too many others were in flight. */
export function concurrencyRefusal(call: GuardedCall, max: number): CallError {
  return new CallError({
    reason: "concurrency_limit",
    code: Code.ResourceExhausted,
    message: `${call.method.name} allows ${max} concurrent calls per process and target, and as many are in flight; nothing was sent`,
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
  const { reason, code, message } = describe(call, last, origin);
  const note = describeStop(call, why);
  return new CallError({
    reason,
    code,
    message: note === "" ? message : `${message} (${note})`,
    attempts: call.failed,
    last: origin === "deadline" ? (call.lastCause ?? last) : last,
  });
}

function describe(
  call: GuardedCall,
  last: ConnectError,
  origin: FailureOrigin,
): { reason: FailureReason; code: Code; message: string } {
  switch (origin) {
    case "deadline":
      return { reason: "deadline_exceeded", code: Code.DeadlineExceeded, message: describeDeadline(call, last) };
    case "attempt_timeout": {
      const limitMs = call.method.policy.retry?.perAttemptTimeoutMs ?? 0;
      const message = `no answer from ${call.method.name} within the ${formatMs(limitMs)} of an attempt`;
      return { reason: "attempt_timeout", code: Code.DeadlineExceeded, message };
    }
    case "connection_lost":
    case "unprocessed":
      return { reason: "connection_lost", code: Code.Unavailable, message: last.rawMessage };
    case "cancelled":
      return { reason: "cancelled", code: Code.Canceled, message: last.rawMessage };
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
  const setBy = { contract: "the contract", caller: "the caller", inherited: "the call being served" };
  const who = call.deadlineSetBy === undefined ? "" : `, set by ${setBy[call.deadlineSetBy]},`;
  const cause = call.lastCause?.message ?? last.rawMessage;
  return `the deadline of ${formatMs(call.timeoutMs)}${who} passed for ${call.method.name} in ${attempts}; last cause: ${cause}`;
}

function describeStop(call: GuardedCall, why: NoRetryReason | undefined): string {
  switch (why) {
    case "attempts_exhausted":
      return `after ${call.attempts} attempts: ${call.failed.map(describeAttempt).join(", ")}`;
    case "may_have_run":
      return (
        "not tried again: the server may have executed the request; " +
        `\`option idempotency_level = IDEMPOTENT\` on ${call.method.name} would allow a second time`
      );
    case "throttled":
      return "not tried again: too many calls to this target fail, its retry throttling allows no more";
    case "no_time":
      return `not tried again: the next attempt would start after the deadline of ${formatMs(call.timeoutMs)}`;
    case "breaker":
      return call.attempts > 0 ? "not tried again: the circuit breaker has opened" : "";
    case "pushback":
      return "not tried again: the server asked for that with grpc-retry-pushback-ms";
    default:
      return "";
  }
}

function describeAttempt({ peer, code, durationMs }: AttemptRecord): string {
  return `${code}${peer === undefined ? "" : ` from ${peer}`} after ${formatMs(durationMs)}`;
}
