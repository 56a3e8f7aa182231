// SPDX-License-Identifier: Apache-2.0
import type { DescMethodStreaming, Message } from "@bufbuild/protobuf";
import type { StreamResponse, Transport } from "@connectrpc/connect";
import type { Clock, Timer } from "../clock.ts";
import type { AttemptEnd, AttemptOptions, StreamHandle, StreamObserver } from "../wire.ts";
import { attemptHeader, endOf, sayableTimeoutMs, type TypedMessage } from "./attempt.ts";
import { endOfFailure, endOfOurs } from "./end.ts";

/** One attempt of a streaming method over a Connect transport. */
export class ConnectStream implements StreamHandle {
  readonly #controller: AbortController = new AbortController();
  readonly #observer: StreamObserver;
  readonly #clock: Clock;
  readonly #endsAtMs: number;
  /** The message on offer, and who is told when the transport takes it. */
  #offered: { message: Message; onWritten: () => void } | undefined;
  #closed = false;
  #onOffer: (() => void) | undefined;
  #response: AsyncIterator<Message> | undefined;
  #trailer: (() => Headers) | undefined;
  readonly #timer: Timer | undefined;
  #wanted = false;
  #reading = false;
  #ended = false;

  constructor(
    transport: Transport,
    method: DescMethodStreaming,
    attempt: AttemptOptions,
    observer: StreamObserver,
    clock: Clock,
  ) {
    this.#observer = observer;
    this.#clock = clock;
    this.#endsAtMs = endOf(attempt, clock);
    const { timeoutMs, contextValues } = attempt;
    const sayableMs = sayableTimeoutMs(attempt);
    transport
      .stream(method, this.#controller.signal, sayableMs, attemptHeader(attempt), this.#requests(), contextValues)
      .then((response) => this.#onResponse(response))
      .catch((reason) => this.#fail(reason));
    // The transport is told of it, and may ignore it.
    if (timeoutMs !== undefined) {
      this.#timer = clock.setTimer(() => this.#giveUp("timeout"), timeoutMs);
    }
  }

  send({ message }: TypedMessage, onWritten: () => void): void {
    this.#offered = { message, onWritten };
    this.#onOffer?.();
  }

  halfClose(): void {
    this.#closed = true;
    this.#onOffer?.();
  }

  requestMessage(): void {
    this.#wanted = true;
    this.#read().catch((reason) => this.#fail(reason));
  }

  /** Without this the observer would hear of the end only if a message were being waited for. */
  cancel(): void {
    queueMicrotask(() => this.#giveUp("cancelled"));
  }

  async *#requests(): AsyncGenerator<Message> {
    for (;;) {
      const offered = this.#offered;
      if (offered !== undefined) {
        this.#offered = undefined;
        yield offered.message;
        offered.onWritten();
      } else if (this.#closed) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#onOffer = resolve;
        });
      }
    }
  }

  async #onResponse(response: StreamResponse): Promise<void> {
    this.#response = response.message[Symbol.asyncIterator]() as AsyncIterator<Message>;
    // A transport that ignores time and cancel answers when nobody wants it any more.
    if (this.#ended) {
      await this.#response.return?.();
      return;
    }
    this.#trailer = () => response.trailer;
    this.#observer.onHeader(() => response.header);
    await this.#read();
  }

  async #read(): Promise<void> {
    if (this.#reading || this.#response === undefined) {
      return;
    }
    this.#reading = true;
    try {
      while (this.#wanted) {
        this.#wanted = false;
        const next = await this.#response.next();
        if (this.#ended) {
          return;
        }
        if (next.done) {
          this.#end(this.#ok());
          return;
        }
        this.#observer.onMessage(next.value);
      }
    } finally {
      this.#reading = false;
    }
  }

  #ok(): AttemptEnd {
    return {
      kind: "server",
      code: 0,
      peer: undefined,
      pushback: undefined,
      trailer: () => this.#trailer?.() ?? new Headers(),
      error() {
        throw new TypeError("a finished stream is no error");
      },
    };
  }

  #fail(reason: unknown): void {
    const facts = { cancelled: this.#controller.signal.aborted, timeUp: this.#clock.nowMs() >= this.#endsAtMs };
    // The transport does not know of failures on this side, and would go on reading.
    this.#controller.abort();
    this.#end(endOfFailure(reason, facts));
  }

  #giveUp(kind: "timeout" | "cancelled"): void {
    this.#end(endOfOurs(kind));
    this.#controller.abort();
    // Heard by a transport that ignores the signal. How it ends is no longer of interest.
    this.#response?.return?.().catch(() => undefined);
  }

  #end(end: AttemptEnd): void {
    if (!this.#ended) {
      this.#ended = true;
      if (this.#timer !== undefined) {
        this.#clock.clearTimer(this.#timer);
      }
      this.halfClose();
      this.#observer.onEnd(end);
    }
  }
}
