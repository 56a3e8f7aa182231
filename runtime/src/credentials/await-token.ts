// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import type { Clock } from "../clock.ts";
import type { FailureOrigin } from "../engine/failure.ts";
import type { HeaderInit } from "../wire.ts";
import { authorizedHeader, type CallCredentials } from "./authenticate.ts";

/** The call that waits for its token. */
interface WaitingCall {
  readonly clock: Clock;
  /** What the application sends. */
  readonly header: HeaderInit;
  /** What is left of its time; `Infinity` when nothing limits it. */
  readonly timeoutMs: number;
}

/**
 * Gets the headers of a call with its token, in the time of the call, and calls one of the two. Returns what ends the waiting;
 * neither is called then.
 */
export function awaitToken(
  credentials: CallCredentials,
  { clock, header, timeoutMs }: WaitingCall,
  onHeader: (header: Headers) => void,
  onFailure: (error: unknown, origin: FailureOrigin) => void,
): () => void {
  let waiting = true;
  const stop = (): void => {
    waiting = false;
    if (timer !== undefined) {
      clock.clearTimer(timer);
    }
  };
  const settle = (tell: () => void): void => {
    if (waiting) {
      stop();
      tell();
    }
  };
  const onLate = (): void =>
    onFailure(new ConnectError("the credentials provider did not answer in time", Code.DeadlineExceeded), "deadline");
  const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : clock.setTimer(() => settle(onLate), timeoutMs);
  authorizedHeader(header, credentials).then(
    (authorized) => settle(() => onHeader(authorized)),
    (error) => settle(() => onFailure(error, "local")),
  );
  return stop;
}
