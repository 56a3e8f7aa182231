// SPDX-License-Identifier: Apache-2.0
import { create, type DescMethodStreaming, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { cancellation, localFailure, refusalAtOnce } from "./call-failure.ts";
import type { Timer } from "./clock.ts";
import { effectiveTimeoutMs } from "./engine/deadline.ts";
import { formatMs } from "./engine/format.ts";
import { CallError } from "./error.ts";
import type { Abortable } from "./lifetime.ts";
import { GuardedCall, type GuardedMethod } from "./pipeline.ts";
import { RequestStream } from "./request-stream.ts";
import { type ResponseSource, ResponseStream } from "./response-stream.ts";
import type { AttemptEnd, AttemptOptions, PreparedMessage, StreamHandle, StreamObserver } from "./wire.ts";

type Input = MessageInitShape<DescMethodStreaming["input"]>;

/** Makes one call of a streaming method and returns its response messages. The call starts at once. */
export function callStream(
  method: GuardedMethod,
  desc: DescMethodStreaming,
  input: AsyncIterable<Input>,
  options: CallOptions = {},
): ResponseStream {
  const call = new StreamCall(method, desc, input, options);
  call.start();
  return call.response;
}

/**
 * One call of a streaming method. Until its first response message it is tried again like a unary call, as long as the
 * request messages sent so far are kept; from then on it is committed to its attempt.
 */
class StreamCall implements StreamObserver, AttemptOptions, ResponseSource, Abortable {
  readonly header: AttemptOptions["header"];
  readonly waitForReady: boolean;
  readonly response: ResponseStream = new ResponseStream(this);
  timeoutMs: number | undefined;
  previousAttempts = 0;
  readonly #method: GuardedMethod;
  readonly #desc: DescMethodStreaming;
  readonly #options: CallOptions;
  readonly #guard: GuardedCall;
  readonly #request: RequestStream;
  readonly #startedAtMs: number;
  #attempt: StreamHandle | undefined;
  /** One at a time: the backoff between attempts, the wait for a first message, the wait for a further one. */
  #timer: Timer | undefined;
  #timedOut = false;
  #committed = false;
  #ended = false;
  #responseHeader: (() => Headers) | undefined;
  #onAbort: (() => void) | undefined;

  constructor(method: GuardedMethod, desc: DescMethodStreaming, input: AsyncIterable<Input>, options: CallOptions) {
    this.#method = method;
    this.#desc = desc;
    this.#options = options;
    this.header = options.headers;
    this.waitForReady = method.policy.waitForReady;
    this.#request = new RequestStream(prepareAll(method, desc, input));
    this.#startedAtMs = method.clock.nowMs();
    this.#guard = new GuardedCall(method, firstMessageTimeoutMs(method), options.timeoutMs);
  }

  start(): void {
    this.#method.lifetime.enter(this);
    const { signal } = this.#options;
    const refusal = refusalAtOnce(this.#method, this.header);
    if (refusal !== undefined || signal?.aborted) {
      this.#fail(refusal ?? cancellation(signal as AbortSignal, this.#guard));
      return;
    }
    if (signal !== undefined) {
      this.#onAbort = () => this.#abort(cancellation(signal, this.#guard));
      signal.addEventListener("abort", this.#onAbort);
    }
    this.#startAttempt();
  }

  onHeader(header: () => Headers): void {
    this.#responseHeader = header;
    if (!this.#mayRetry) {
      this.#announceHeader();
    }
  }

  onMessage(message: Message): void {
    if (this.#ended) {
      return;
    }
    this.#clearTimer();
    if (!this.#committed) {
      this.#commit();
    }
    this.response.push(message);
    if (this.response.wanted) {
      this.onWanted();
    }
  }

  onEnd(end: AttemptEnd): void {
    this.#attempt = undefined;
    this.#clearTimer();
    if (this.#ended) {
      return;
    }
    const settled = this.#timedOut ? asTimeout(end) : end;
    this.#timedOut = false;
    const next = this.#guard.settle(settled, this.#committed || !this.#request.replayable);
    if (next.kind === "retry") {
      this.#responseHeader = undefined;
      this.#setTimer(() => this.#startAttempt(), next.delayMs);
    } else if (next.kind === "done") {
      this.#announceHeader();
      this.#options.onTrailer?.(end.trailer());
      this.#finish();
      this.response.end("ok");
    } else {
      this.#fail(this.#committed && settled.kind === "timeout" ? this.#tooLong() : next.error);
    }
  }

  onWanted(): void {
    this.#attempt?.requestMessage();
    const idleMs = this.#method.policy.streamIdleTimeoutMs;
    if (this.#committed && idleMs !== undefined && this.#timer === undefined) {
      this.#setTimer(() => this.#abort(this.#idle(idleMs)), idleMs);
    }
  }

  onLeft(): void {
    this.#abort(undefined);
  }

  /** The client is closing. */
  abort(): void {
    const message = `the client was closed while a stream of ${this.#method.name} was open`;
    this.#abort(new CallError({ reason: "client_closed", code: Code.Canceled, message, attempts: this.#guard.failed }));
  }

  #startAttempt(): void {
    this.#timer = undefined;
    const refusal = this.#guard.admit();
    if (refusal !== undefined) {
      this.#fail(refusal);
      return;
    }
    const limitMs = this.#guard.attemptTimeoutMs();
    const singleResponse = this.#desc.methodKind === "client_streaming";
    this.timeoutMs = singleResponse ? limitMs : this.#remainingOfStreamMs();
    this.previousAttempts = this.#guard.attempts - 1;
    try {
      this.#attempt = this.#method.wire.startStream(this.#desc, this, this);
    } catch (error) {
      this.#abort(localFailure(error, this.#guard));
      return;
    }
    if (limitMs !== undefined && !singleResponse) {
      this.#setTimer(() => this.#timeOut(), limitMs);
    }
    // Asked for before anybody reads: the first message is what commits the call and stops its timer.
    this.#attempt.requestMessage();
    this.#send(this.#attempt).catch((error) => this.#abort(localFailure(error, this.#guard)));
  }

  async #send(attempt: StreamHandle): Promise<void> {
    for (let position = 0; attempt === this.#attempt; position++) {
      const message = await this.#request.at(position);
      if (attempt !== this.#attempt) {
        return;
      }
      if (message === undefined) {
        attempt.halfClose();
        return;
      }
      await new Promise<void>((written) => attempt.send(message, written));
    }
  }

  #commit(): void {
    this.#committed = true;
    this.#guard.succeedEarly();
    this.#request.stopKeeping();
    this.#announceHeader();
  }

  #announceHeader(): void {
    if (this.#responseHeader !== undefined) {
      this.#options.onHeader?.(this.#responseHeader());
      this.#responseHeader = undefined;
    }
  }

  get #mayRetry(): boolean {
    return !this.#committed && (this.#method.policy.retry?.maxAttempts ?? 1) > 1;
  }

  #remainingOfStreamMs(): number | undefined {
    const wholeMs = effectiveTimeoutMs(this.#options.timeoutMs, undefined, this.#method.policy.streamMaxDurationMs);
    const remainingMs = this.#startedAtMs + wholeMs - this.#method.clock.nowMs();
    return remainingMs === Number.POSITIVE_INFINITY ? undefined : Math.max(0, remainingMs);
  }

  #timeOut(): void {
    this.#timer = undefined;
    this.#timedOut = true;
    this.#attempt?.cancel();
  }

  #idle(idleMs: number): CallError {
    const message = `${this.#method.name} sent no message for ${formatMs(idleMs)}, the longest gap its contract allows`;
    return this.#streamTimeout(message);
  }

  #tooLong(): CallError {
    const lastedMs = this.#method.clock.nowMs() - this.#startedAtMs;
    return this.#streamTimeout(
      `the stream of ${this.#method.name} reached its longest duration after ${formatMs(lastedMs)}`,
    );
  }

  #streamTimeout(message: string): CallError {
    const attempts = this.#guard.failed;
    return new CallError({ reason: "stream_timeout", code: Code.DeadlineExceeded, message, attempts });
  }

  /** Ends the call before its attempt does. */
  #abort(error: CallError | undefined): void {
    if (this.#ended) {
      return;
    }
    const attempt = this.#attempt;
    this.#guard.abandon();
    if (error === undefined) {
      this.#finish();
    } else {
      this.#fail(error);
    }
    attempt?.cancel();
  }

  #fail(error: CallError): void {
    this.#finish();
    this.response.end({ error });
  }

  #finish(): void {
    this.#ended = true;
    this.#method.lifetime.leave(this);
    this.#attempt = undefined;
    this.#clearTimer();
    this.#request.close();
    if (this.#onAbort !== undefined) {
      this.#options.signal?.removeEventListener("abort", this.#onAbort);
    }
  }

  #setTimer(task: () => void, delayMs: number): void {
    this.#timer = this.#method.clock.setTimer(task, delayMs);
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) {
      this.#method.clock.clearTimer(this.#timer);
      this.#timer = undefined;
    }
  }
}

/** For a streaming response, the response timeout ends with the first message; the whole stream cannot end later. */
function firstMessageTimeoutMs({ policy }: GuardedMethod): number | undefined {
  const { responseTimeoutMs, streamMaxDurationMs } = policy;
  if (policy.kind === "client_streaming" || streamMaxDurationMs === undefined) {
    return responseTimeoutMs;
  }
  return Math.min(responseTimeoutMs ?? Number.POSITIVE_INFINITY, streamMaxDurationMs);
}

/** An attempt that we cancelled because its time was up. */
function asTimeout(end: AttemptEnd): AttemptEnd {
  return {
    kind: "timeout",
    code: Code.DeadlineExceeded,
    peer: end.peer,
    pushback: undefined,
    trailer: () => end.trailer(),
    error: () => new ConnectError("no response message arrived in time", Code.DeadlineExceeded),
  };
}

async function* prepareAll(
  method: GuardedMethod,
  desc: DescMethodStreaming,
  input: AsyncIterable<Input>,
): AsyncGenerator<PreparedMessage> {
  for await (const message of input) {
    yield method.wire.prepare(desc, create(desc.input, message));
  }
}
