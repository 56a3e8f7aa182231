// SPDX-License-Identifier: Apache-2.0
import { create, type DescMethodUnary, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import { cancellation, localFailure, refusalAtOnce } from "./call-failure.ts";
import type { Timer } from "./clock.ts";
import { GuardedCall, type GuardedMethod } from "./pipeline.ts";
import type { AttemptHandle, AttemptOptions, PreparedMessage, UnaryEnd, UnaryObserver } from "./wire.ts";

/** Makes one call of a unary method: attempt after attempt, until the pipeline says that it is done. */
export function callUnary(
  method: GuardedMethod,
  desc: DescMethodUnary,
  input: MessageInitShape<DescMethodUnary["input"]>,
  options: CallOptions = {},
): Promise<Message> {
  return new Promise((resolve, reject) => {
    new UnaryCall(method, desc, options, resolve, reject).start(input);
  });
}

class UnaryCall implements UnaryObserver, AttemptOptions {
  readonly header: AttemptOptions["header"];
  readonly waitForReady: boolean;
  timeoutMs: number | undefined;
  previousAttempts = 0;
  readonly #method: GuardedMethod;
  readonly #desc: DescMethodUnary;
  readonly #options: CallOptions;
  readonly #guard: GuardedCall;
  readonly #resolve: (message: Message) => void;
  readonly #reject: (error: unknown) => void;
  #request: PreparedMessage | undefined;
  #attempt: AttemptHandle | undefined;
  #backoff: Timer | undefined;
  #onAbort: (() => void) | undefined;
  #ended = false;

  constructor(
    method: GuardedMethod,
    desc: DescMethodUnary,
    options: CallOptions,
    resolve: (message: Message) => void,
    reject: (error: unknown) => void,
  ) {
    this.#method = method;
    this.#desc = desc;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.header = options.headers;
    this.waitForReady = method.policy.waitForReady;
    this.#guard = new GuardedCall(method, method.policy.responseTimeoutMs, options.timeoutMs);
  }

  start(input: MessageInitShape<DescMethodUnary["input"]>): void {
    this.#method.lifetime.enter();
    const { signal } = this.#options;
    const refusal = refusalAtOnce(this.#method, this.header);
    if (refusal !== undefined || signal?.aborted) {
      this.#fail(refusal ?? cancellation(signal as AbortSignal, this.#guard));
      return;
    }
    try {
      this.#request = this.#method.wire.prepare(this.#desc, create(this.#desc.input, input));
    } catch (error) {
      this.#fail(localFailure(error, this.#guard));
      return;
    }
    if (signal !== undefined) {
      this.#onAbort = () => this.#cancel(signal);
      signal.addEventListener("abort", this.#onAbort);
    }
    this.#startAttempt();
  }

  onEnd(end: UnaryEnd): void {
    this.#attempt = undefined;
    if (this.#ended) {
      return;
    }
    const next = this.#guard.settle(end, false);
    switch (next.kind) {
      case "done":
        this.#succeed(end);
        break;
      case "retry":
        this.#backoff = this.#method.clock.setTimer(() => this.#startAttempt(), next.delayMs);
        break;
      case "failed":
        this.#fail(next.error);
        break;
    }
  }

  #startAttempt(): void {
    this.#backoff = undefined;
    const refusal = this.#guard.admit();
    if (refusal !== undefined || this.#request === undefined) {
      this.#fail(refusal);
      return;
    }
    this.timeoutMs = this.#guard.attemptTimeoutMs();
    this.previousAttempts = this.#guard.attempts - 1;
    try {
      this.#attempt = this.#method.wire.startUnary(this.#desc, this.#request, this, this);
    } catch (error) {
      this.#guard.abandon();
      this.#fail(localFailure(error, this.#guard));
    }
  }

  #succeed(end: UnaryEnd): void {
    this.#end();
    const { onHeader, onTrailer } = this.#options;
    try {
      onHeader?.(end.header());
      onTrailer?.(end.trailer());
      this.#resolve(end.message as Message);
    } catch (error) {
      this.#reject(error);
    }
  }

  #fail(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  #cancel(signal: AbortSignal): void {
    const attempt = this.#attempt;
    this.#guard.abandon();
    this.#fail(cancellation(signal, this.#guard));
    attempt?.cancel();
  }

  #end(): void {
    this.#ended = true;
    this.#method.lifetime.leave();
    if (this.#backoff !== undefined) {
      this.#method.clock.clearTimer(this.#backoff);
    }
    if (this.#onAbort !== undefined) {
      this.#options.signal?.removeEventListener("abort", this.#onAbort);
    }
  }
}
