// SPDX-License-Identifier: Apache-2.0
import { status as Status, type StatusObject } from "@grpc/grpc-js";
import { lastingConnectionFailure } from "../connection-failure.ts";
import type { EndKind } from "../wire.ts";

/** What is known of an attempt besides the status that grpc-js reports. */
export interface AttemptFacts {
  /** Response headers came, so a handler answered. */
  readonly headersReceived: boolean;
  /** We cancelled it ourselves. */
  readonly cancelled: boolean;
  /** The time given to it has passed. */
  readonly timeUp: boolean;
  /** A backend was picked for it. */
  readonly picked: boolean;
}

/** Where a status came from, and the code it counts as. */
export interface Classified {
  readonly kind: EndKind;
  readonly code: number;
}

/** An attempt, as it notes its end. */
export interface EndingAttempt {
  kind: EndKind;
  code: number;
  readonly peer: string | undefined;
}

/**
 * Notes on an attempt what the status means that it ended with. Nothing is made for one that succeeds: it is what most do.
 *
 * @param endsAtMs When its time is up, by `performance.now()`.
 */
export function noteEnd(
  attempt: EndingAttempt,
  status: StatusObject,
  headersReceived: boolean,
  cancelled: boolean,
  endsAtMs: number | undefined,
): void {
  if (status.code === Status.OK) {
    attempt.kind = "server";
    attempt.code = Status.OK;
    return;
  }
  const facts = { headersReceived, cancelled, timeUp: isTimeUp(endsAtMs), picked: attempt.peer !== undefined };
  const { kind, code } = classify(status, facts);
  attempt.kind = kind;
  attempt.code = code;
}

/**
 * Tells what a status of grpc-js means that is not OK.
 *
 * grpc-js gives the loss of a connection different codes, depending on how it was lost: UNAVAILABLE, INTERNAL,
 * CANCELLED or RESOURCE_EXHAUSTED. Here it is UNAVAILABLE, always. A status that the server sent itself is never taken for a
 * loss, even if its text is the same, as when a server passes on what its own client told it: a server's status carries at
 * least `content-type` when no headers came before, and one made by grpc-js carries nothing.
 */
export function classify(status: StatusObject, facts: AttemptFacts): Classified {
  const { code, details } = status;
  if (facts.cancelled) {
    return { kind: "cancelled", code: Status.CANCELLED };
  }
  if (code === Status.DEADLINE_EXCEEDED && facts.timeUp) {
    return { kind: "timeout", code };
  }
  if (!isMadeLocally(status)) {
    return { kind: "server", code };
  }
  if (facts.timeUp && isReset(status)) {
    // Servers of grpc-go reset a stream when the time that they were told is over, which may be heard before our own timer.
    return { kind: "timeout", code: Status.DEADLINE_EXCEEDED };
  }
  if (facts.headersReceived) {
    // A server's trailers may be empty too, so here only the text tells. What reads like a loss is taken for one: a handler has
    // run, and taking a loss for the server's word could make a method run twice that must not.
    const lost = code === Status.UNAVAILABLE ? lossText.test(details) : isLoss(status);
    return lost ? { kind: "connection_lost", code: Status.UNAVAILABLE } : { kind: "server", code };
  }
  if (!facts.picked && lastingConnectionFailure(details) !== undefined) {
    return { kind: "local", code };
  }
  if (code === Status.INTERNAL && neverSentText.test(details)) {
    return { kind: "unprocessed", code: Status.UNAVAILABLE };
  }
  if (!facts.picked || details === "Stream refused by server") {
    return code === Status.UNAVAILABLE ? { kind: "unprocessed", code } : { kind: "local", code };
  }
  return isLoss(status) ? { kind: "connection_lost", code: Status.UNAVAILABLE } : { kind: "local", code };
}

/**
 * What Node.js 24 reports on a stream, and Node.js 20 when one is asked for: the connection was lost a moment before, or the
 * server had announced to close it. The request never left.
 */
const neverSentText =
  /triggered by internal client error: (?:The session has been destroyed|New streams cannot be created after receiving a GOAWAY)$/;

const lossText =
  /^(?:Connection dropped$|Stream refused by server$|read E|write E|the server did not answer a ping |Received HTTP status code 50[234]$)/;

/** RST_STREAM with CANCEL, as grpc-js puts it. */
function isReset({ code, details }: Pick<StatusObject, "code" | "details">): boolean {
  return code === Status.CANCELLED && details === "Call cancelled";
}

function isLoss({ code, details }: StatusObject): boolean {
  switch (code) {
    case Status.UNAVAILABLE:
      return true;
    case Status.INTERNAL:
      return details.startsWith("Received RST_STREAM with code ") && !details.includes("internal client error");
    case Status.CANCELLED:
      return isReset({ code, details });
    case Status.RESOURCE_EXHAUSTED:
      return details === "Bandwidth exhausted or memory limit exceeded";
    default:
      return false;
  }
}

function isMadeLocally({ metadata }: StatusObject): boolean {
  return Object.keys(metadata.getMap()).length === 0;
}

/**
 * Whether the time of an attempt has passed. A server that is told the same time may answer a moment before our own timer
 * fires; that is the same event, so a few milliseconds are allowed for.
 */
function isTimeUp(endsAtMs: number | undefined): boolean {
  return endsAtMs !== undefined && performance.now() >= endsAtMs - 5;
}
