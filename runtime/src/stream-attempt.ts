// SPDX-License-Identifier: Apache-2.0
import type { DescMethodStreaming, Message } from "@bufbuild/protobuf";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import type { Timer } from "./clock.ts";
import type { GuardedAttempt } from "./guarded-attempt.ts";
import type { GuardedMethod } from "./guarded-method.ts";
import type { RequestStream } from "./request-stream.ts";
import type { AttemptEnd, StreamHandle, StreamObserver } from "./wire.ts";

/** Hears of the attempts of a streaming call. */
export interface StreamAttemptObserver {
  onHeader(attempt: StreamAttempt): void;
  onMessage(attempt: StreamAttempt, message: Message): void;
  onEnd(attempt: StreamAttempt, end: AttemptEnd): void;
  /** More request messages were read than fit: they cannot be kept for another attempt. */
  onOverflow(attempt: StreamAttempt): void;
  /** The application's own request messages failed. */
  onRequestFailure(error: unknown): void;
}

/** One attempt of a streaming call: sends the request messages from the first on, and passes on what comes back. */
export class StreamAttempt implements StreamObserver {
  readonly attempt: GuardedAttempt;
  readonly #request: RequestStream;
  readonly #observer: StreamAttemptObserver;
  #handle: StreamHandle | undefined;
  #firstMessage: Timer | undefined;
  #header: (() => Headers) | undefined;
  /** The method has one response message, no more and no less. */
  #single = false;
  #messages = 0;

  constructor(attempt: GuardedAttempt, request: RequestStream, observer: StreamAttemptObserver) {
    this.attempt = attempt;
    this.#request = request;
    this.#observer = observer;
  }

  /** Goes on the wire. `timeoutMs`: how long the wire lets the whole stream last. */
  start({ wire }: GuardedMethod, desc: DescMethodStreaming, timeoutMs: number | undefined): void {
    this.attempt.timeoutMs = timeoutMs;
    this.#single = desc.methodKind === "client_streaming";
    this.#handle = wire.startStream(desc, this.attempt, this);
    this.attempt.handle = this.#handle;
    // Asked for before anybody reads: the first message is what commits the call and stops its timer.
    this.#handle.requestMessage();
    this.#send(this.#handle).catch((error) => this.#observer.onRequestFailure(error));
  }

  /** Ends the attempt when its first message does not come in time. */
  limitFirstMessage(): void {
    const { limitMs, call } = this.attempt;
    if (limitMs !== undefined) {
      this.#firstMessage = call.method.clock.setTimer(() => this.attempt.timeOut(), limitMs);
    }
  }

  requestMessage(): void {
    this.#handle?.requestMessage();
  }

  /** Tells the application of the response header, once. */
  announceHeader({ onHeader }: CallOptions): void {
    if (this.#header !== undefined) {
      onHeader?.(this.#header());
      this.#header = undefined;
    }
  }

  onHeader(header: () => Headers): void {
    if (!this.attempt.cancelled) {
      this.#header = header;
      this.#observer.onHeader(this);
    }
  }

  onMessage(message: Message): void {
    // What was on its way when the attempt was given up comes too late.
    if (this.attempt.cancelled) {
      return;
    }
    this.#stopTimer();
    this.#messages += 1;
    if (this.#single && this.#messages > 1) {
      this.#handle?.cancel();
    } else {
      this.#observer.onMessage(this, message);
    }
  }

  onEnd(end: AttemptEnd): void {
    this.#stopTimer();
    this.#handle = undefined;
    this.#observer.onEnd(this, this.#single ? this.#ofSingle(end) : end);
  }

  /** A server that sends no response message with its OK, or several, breaks the protocol, of which gRPC makes UNIMPLEMENTED. */
  #ofSingle(end: AttemptEnd): AttemptEnd {
    if (this.#messages > 1) {
      return protocolError(end, "more than one response message");
    }
    return this.#messages === 0 && end.code === 0 ? protocolError(end, "no response message") : end;
  }

  async #send(handle: StreamHandle): Promise<void> {
    for (let position = 0; this.#mayWrite; position++) {
      const message = await this.#request.at(position);
      if (!this.#mayWrite) {
        return;
      }
      if (this.#request.overflows) {
        this.#observer.onOverflow(this);
      }
      if (message === undefined) {
        handle.halfClose();
        return;
      }
      await new Promise<void>((written) => handle.send(message, written));
    }
  }

  get #mayWrite(): boolean {
    return this.#handle !== undefined && !this.attempt.cancelled;
  }

  #stopTimer(): void {
    if (this.#firstMessage !== undefined) {
      this.attempt.call.method.clock.clearTimer(this.#firstMessage);
      this.#firstMessage = undefined;
    }
  }
}

function protocolError(end: AttemptEnd, what: string): AttemptEnd {
  const { peer } = end;
  return {
    kind: "local",
    code: Code.Unimplemented,
    peer,
    pushback: undefined,
    trailer: () => end.trailer(),
    error: () => new ConnectError(`protocol error: ${what} for a client-streaming method`, Code.Unimplemented),
  };
}
