// SPDX-License-Identifier: Apache-2.0
import type { DescMethodUnary, Message } from "@bufbuild/protobuf";
import type { Transport, UnaryResponse } from "@connectrpc/connect";
import type { Clock, Timer } from "../clock.ts";
import type { AttemptEnd, AttemptHandle, AttemptOptions, UnaryEnd, UnaryObserver } from "../wire.ts";
import { attemptHeader, endOf, sayableTimeoutMs } from "./attempt.ts";
import { endOfFailure, endOfOurs } from "./end.ts";

/** What an attempt is made with, besides what it sends. */
export interface UnaryGround {
  readonly attempt: AttemptOptions;
  readonly observer: UnaryObserver;
  readonly clock: Clock;
}

/**
 * One attempt of a unary method over a Connect transport. The transport is told of the time and of a cancel, but the attempt ends
 * whether it cares or not: a transport may well ignore both.
 */
export class ConnectUnary implements AttemptHandle {
  readonly #controller: AbortController = new AbortController();
  readonly #observer: UnaryObserver;
  readonly #clock: Clock;
  readonly #timer: Timer | undefined;
  #ended = false;

  constructor(
    transport: Transport,
    method: DescMethodUnary,
    message: Message,
    { attempt, observer, clock }: UnaryGround,
  ) {
    this.#observer = observer;
    this.#clock = clock;
    const endsAtMs = endOf(attempt, clock);
    const { timeoutMs, contextValues } = attempt;
    const { signal } = this.#controller;
    transport.unary(method, signal, sayableTimeoutMs(attempt), attemptHeader(attempt), message, contextValues).then(
      (response) => this.#end(endOfResponse(response)),
      (reason) => {
        const facts = { cancelled: signal.aborted, timeUp: clock.nowMs() >= endsAtMs };
        this.#end(asUnary(endOfFailure(reason, facts)));
      },
    );
    if (timeoutMs !== undefined) {
      this.#timer = clock.setTimer(() => this.#giveUp("timeout"), timeoutMs);
    }
  }

  cancel(): void {
    queueMicrotask(() => this.#giveUp("cancelled"));
  }

  #giveUp(kind: "timeout" | "cancelled"): void {
    this.#end(asUnary(endOfOurs(kind)));
    this.#controller.abort();
  }

  #end(end: UnaryEnd): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    if (this.#timer !== undefined) {
      this.#clock.clearTimer(this.#timer);
    }
    this.#observer.onEnd(end);
  }
}

function endOfResponse({ message, header, trailer }: UnaryResponse): UnaryEnd {
  return {
    kind: "server",
    code: 0,
    peer: undefined,
    pushback: undefined,
    message,
    header: () => header,
    trailer: () => trailer,
    error() {
      throw new TypeError("a response is no error");
    },
  };
}

function asUnary(end: AttemptEnd): UnaryEnd {
  return { ...end, message: undefined, header: () => new Headers() };
}
