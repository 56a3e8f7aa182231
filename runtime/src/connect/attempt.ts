// SPDX-License-Identifier: Apache-2.0
import type { Message } from "@bufbuild/protobuf";
import type { Clock } from "../clock.ts";
import type { AttemptOptions, PreparedMessage } from "../wire.ts";

/** A request message as a Connect transport takes it: it encodes by itself. */
export interface TypedMessage extends PreparedMessage {
  readonly message: Message;
}

/** The headers of an attempt: the application's, and how many attempts came before. */
export function attemptHeader({ header, previousAttempts }: AttemptOptions): Headers {
  const headers = new Headers(header);
  if (previousAttempts > 0) {
    headers.set("grpc-previous-rpc-attempts", String(previousAttempts));
  }
  return headers;
}

/**
 * The time of an attempt, as far as a transport can be told. Transports for gRPC write milliseconds, of which servers read eight
 * digits (27.7 hours) and refuse more; beyond 31 bits the timers of all of them fire at once. The attempt ends in time all the same.
 */
export function sayableTimeoutMs({ timeoutMs }: AttemptOptions): number | undefined {
  return timeoutMs !== undefined && timeoutMs < 100_000_000 ? timeoutMs : undefined;
}

/** When the time of an attempt is up; a server told the same time may answer a few milliseconds before. */
export function endOf({ timeoutMs }: AttemptOptions, clock: Clock): number {
  return clock.nowMs() + (timeoutMs ?? Number.POSITIVE_INFINITY) - 5;
}
