// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import type { AttemptEnd, EndKind } from "../wire.ts";

/** What is known of an attempt besides the error that the transport threw. */
export interface ConnectAttemptFacts {
  /** We cancelled it ourselves. */
  readonly cancelled: boolean;
  /** The time given to it has passed. */
  readonly timeUp: boolean;
}

/** How an attempt ended that a Connect transport failed. */
export function endOfFailure(reason: unknown, facts: ConnectAttemptFacts): AttemptEnd {
  const error = ConnectError.from(reason, Code.Internal);
  const kind = kindOf(error, facts);
  const lost = kind === "connection_lost" || kind === "unprocessed";
  return {
    kind,
    code: lost ? Code.Unavailable : error.code,
    peer: undefined,
    pushback: error.metadata.get("grpc-retry-pushback-ms") ?? undefined,
    trailer: () => error.metadata,
    error: () => error,
  };
}

/**
 * The end of an attempt whose time is up, or that was cancelled. It does not wait for the transport, which need know of neither.
 */
export function endOfOurs(kind: "timeout" | "cancelled"): AttemptEnd {
  const error =
    kind === "timeout"
      ? new ConnectError("no answer came in time", Code.DeadlineExceeded)
      : new ConnectError("the attempt was cancelled", Code.Canceled);
  return {
    kind,
    code: error.code,
    peer: undefined,
    pushback: undefined,
    trailer: () => new Headers(),
    error: () => error,
  };
}

/**
 * Where a failure came from. Connect marks the errors that a server sent; of those made on this side the system's error
 * code tells most, and what remains is a request of which nobody knows whether it was processed.
 */
function kindOf(error: ConnectError, { cancelled, timeUp }: ConnectAttemptFacts): EndKind {
  if (cancelled) {
    return "cancelled";
  }
  if (error.code === Code.DeadlineExceeded && timeUp) {
    return "timeout";
  }
  if (isWireError(error)) {
    return "server";
  }
  const systemCodes = causes(error);
  if (systemCodes.some((code) => neverConnected.has(code)) || /REFUSED_STREAM/.test(error.rawMessage)) {
    return "unprocessed";
  }
  if (systemCodes.length > 0 || lossCodes.has(error.code) || /stream closed with error code/.test(error.rawMessage)) {
    return "connection_lost";
  }
  return "local";
}

const neverConnected = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

const lossCodes = new Set([Code.Unavailable, Code.Aborted, Code.Canceled]);

/** Whether a server sent the error. The field is Connect's, documented as internal; `end.test.ts` fails when it moves. */
function isWireError(error: ConnectError): boolean {
  return "isWireError" in error && error.isWireError === true;
}

/** The system error codes in the chain of causes, outermost first. */
function causes(error: Error): string[] {
  const codes: string[] = [];
  const seen = new Set<unknown>();
  for (let cause = error.cause; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    seen.add(cause);
    if ("code" in cause && typeof cause.code === "string") {
      codes.push(cause.code);
    }
  }
  return codes;
}
