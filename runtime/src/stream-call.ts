// SPDX-License-Identifier: Apache-2.0
import { create, type DescMethodStreaming, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { listenForAbort } from "./abort.ts";
import {
  callFailure,
  cancellation,
  closedUnderStream,
  refusalAtOnce,
  streamIdle,
  streamTooLong,
} from "./call-failure.ts";
import { isSingleAttempt } from "./call-options.ts";
import type { CallOutcome } from "./call-outcome.ts";
import type { Carrier } from "./carrier.ts";
import type { Timer } from "./clock.ts";
import type { ScopedCallOptions } from "./context/propagate.ts";
import { contractTimeoutMs } from "./contract-timeout.ts";
import { deadlineSource, effectiveTimeoutMs } from "./engine/deadline.ts";
import type { AttemptRecord, CallError } from "./error.ts";
import type { GuardedAttempt } from "./guarded-attempt.ts";
import type { GuardedMethod } from "./guarded-method.ts";
import type { Abortable } from "./lifetime.ts";
import { GuardedCall } from "./pipeline.ts";
import { RequestStream } from "./request-stream.ts";
import { type ResponseSource, ResponseStream } from "./response-stream.ts";
import { StreamAttempt } from "./stream-attempt.ts";
import type { AttemptEnd, PreparedMessage } from "./wire.ts";

type Input = MessageInitShape<DescMethodStreaming["input"]>;

/** Makes one call of a streaming method and returns its response messages. The call starts at once. */
export function callStream(
  method: GuardedMethod,
  desc: DescMethodStreaming,
  input: AsyncIterable<Input>,
  options: ScopedCallOptions,
): ResponseStream {
  const call = new StreamCall(method, desc, input, options);
  call.start();
  return call.response;
}

/**
 * One call of a streaming method. Until its first response message it is tried again, or hedged, like a unary call, as
 * long as the request messages sent so far are kept; from then on it is committed to the attempt that brought the message.
 */
class StreamCall implements Carrier, ResponseSource, Abortable {
  readonly options: ScopedCallOptions;
  readonly response: ResponseStream = new ResponseStream(this);
  readonly #method: GuardedMethod;
  readonly #desc: DescMethodStreaming;
  readonly #call: GuardedCall;
  readonly #request: RequestStream;
  readonly #startedAtMs: number;
  readonly #streams: Map<GuardedAttempt, StreamAttempt> = new Map();
  #winner: StreamAttempt | undefined;
  #idle: Timer | undefined;
  /** Set when the server fell silent for so long. The attempt is being cancelled, and its end tells which server it was. */
  #silentForMs: number | undefined;
  #messages = 0;
  #ended = false;
  #stopListening: (() => void) | undefined;

  constructor(
    method: GuardedMethod,
    desc: DescMethodStreaming,
    input: AsyncIterable<Input>,
    options: ScopedCallOptions,
  ) {
    this.#method = method;
    this.#desc = desc;
    this.options = options;
    this.#request = new RequestStream(prepareAll(method, desc, input));
    this.#startedAtMs = method.clock.nowMs() - (options.elapsedMs ?? 0);
    this.#call = new GuardedCall(method, this, {
      contractTimeoutMs: contractTimeoutMs(method.policy),
      callerTimeoutMs: options.timeoutMs,
      inheritedTimeoutMs: options.inheritedTimeoutMs,
      elapsedMs: options.elapsedMs,
      singleAttempt: isSingleAttempt(options),
    });
  }

  get committed(): boolean {
    return this.#winner !== undefined || !this.#request.kept;
  }

  start(): void {
    this.#method.lifetime.enter(this);
    const refusal = refusalAtOnce(this.#method, this.options);
    if (refusal !== undefined) {
      this.onFailure(refusal);
      return;
    }
    this.#stopListening = listenForAbort(this.options, (signal) =>
      this.#abandon({ error: callFailure(this.#call, cancellation(signal), "cancelled", undefined) }),
    );
    this.#call.start();
  }

  startAttempt(attempt: GuardedAttempt): void {
    const stream = new StreamAttempt(attempt, this.#request, {
      onHeader: (of) => this.#onHeader(of),
      onMessage: (of, message) => this.#onMessage(of, message),
      onEnd: (of, end) => this.#onEnd(of, end),
      onOverflow: (of) => this.#onOverflow(of),
      onRequestFailure: (error) => this.#abandon({ error: callFailure(this.#call, error, "local", undefined) }),
    });
    this.#streams.set(attempt, stream);
    if (this.#desc.methodKind === "client_streaming") {
      stream.start(this.#method, this.#desc, attempt.limitMs);
    } else {
      stream.start(this.#method, this.#desc, this.#remainingOfStreamMs());
      stream.limitFirstMessage();
    }
  }

  /** Ended well without a message: streams with one are committed to it before. */
  onWinner(attempt: GuardedAttempt): void {
    if (attempt.end !== undefined) {
      const stream = this.#streams.get(attempt);
      if (stream !== undefined) {
        this.#announceHeader(stream);
      }
      if (this.#ended) {
        return;
      }
      this.#succeed(attempt.end);
    }
  }

  onFailure(error: CallError): void {
    this.#leave({ error });
    this.response.end({ error });
  }

  onWanted(): void {
    const stream = this.#winner;
    if (stream === undefined) {
      return;
    }
    stream.requestMessage();
    const idleMs = this.#method.policy.streamIdleTimeoutMs;
    if (idleMs !== undefined && this.#idle === undefined) {
      this.#idle = this.#method.clock.setTimer(() => {
        this.#silentForMs = idleMs;
        stream.attempt.cancel();
      }, idleMs);
    }
  }

  onLeft(): void {
    this.#abandon(undefined);
  }

  /** The client is closing. */
  abort(): void {
    this.#abandon({ error: closedUnderStream(this.#call) });
  }

  #onHeader(stream: StreamAttempt): void {
    const { hedging, retry } = this.#call.policy;
    if (hedging === undefined && (retry?.maxAttempts ?? 1) === 1) {
      this.#announceHeader(stream);
    }
  }

  /** The application's own callback may throw: then the call fails with what it threw. */
  #announceHeader(stream: StreamAttempt): void {
    try {
      stream.announceHeader(this.options);
    } catch (error) {
      this.#abandon({ error });
    }
  }

  #onOverflow(stream: StreamAttempt): void {
    this.#call.commitRequest(stream.attempt);
    this.#request.stopKeeping();
  }

  #onMessage(stream: StreamAttempt, message: Message): void {
    if (this.#ended) {
      return;
    }
    this.#messages += 1;
    this.#stopIdle();
    if (this.#winner === undefined) {
      this.#winner = stream;
      this.#request.stopKeeping();
      this.#call.commit(stream.attempt);
      this.#announceHeader(stream);
    }
    if (this.#ended || this.#winner !== stream) {
      return;
    }
    this.response.push(message);
    if (this.response.wanted) {
      this.onWanted();
    }
  }

  #onEnd(stream: StreamAttempt, end: AttemptEnd): void {
    const failure = this.#call.onEnd(stream.attempt, end);
    if (this.#ended || this.#winner !== stream) {
      return;
    }
    if (this.#silentForMs !== undefined && end.kind === "cancelled") {
      this.#abandon({ error: streamIdle(this.#call, this.#silentForMs, this.#recordOfSilent(stream, end)) });
    } else if (failure === undefined) {
      this.#succeed(end);
    } else {
      // A client-streaming method has no stream to last too long: its one response was late.
      const tooLong = end.kind === "timeout" && this.#desc.methodKind !== "client_streaming";
      this.onFailure(tooLong ? this.#tooLong() : failure);
    }
  }

  #recordOfSilent({ attempt }: StreamAttempt, { peer }: AttemptEnd): AttemptRecord {
    return attempt.recordOf({ code: Code.DeadlineExceeded, peer }, this.#method.clock.nowMs());
  }

  #succeed(end: AttemptEnd): void {
    this.#leave("ok");
    try {
      this.options.onTrailer?.(end.trailer());
      this.response.end("ok");
    } catch (error) {
      this.response.end({ error });
    }
  }

  /** Ends the call before its attempts do; without an error when its reader has left. */
  #abandon(failure: { readonly error: unknown } | undefined): void {
    if (this.#ended) {
      return;
    }
    this.#leave(failure ?? "left");
    if (failure !== undefined) {
      this.response.end(failure);
    }
    this.#call.abandon();
  }

  #leave(outcome: CallOutcome): void {
    this.#ended = true;
    this.#call.onCallEnd(outcome);
    this.#method.lifetime.leave(this);
    this.#stopIdle();
    this.#request.close();
    this.#stopListening?.();
    this.options.onEnd?.();
  }

  #stopIdle(): void {
    if (this.#idle !== undefined) {
      this.#method.clock.clearTimer(this.#idle);
      this.#idle = undefined;
    }
  }

  #tooLong(): CallError {
    const { timeoutMs, inheritedTimeoutMs } = this.options;
    const setBy = deadlineSource(timeoutMs, inheritedTimeoutMs, this.#call.policy.streamMaxDurationMs);
    return streamTooLong(this.#call, { timeoutMs: this.#wholeMs, setBy, messages: this.#messages });
  }

  /** How long the whole stream may last. */
  get #wholeMs(): number {
    const { timeoutMs, inheritedTimeoutMs } = this.options;
    return effectiveTimeoutMs(timeoutMs, inheritedTimeoutMs, this.#call.policy.streamMaxDurationMs);
  }

  #remainingOfStreamMs(): number | undefined {
    const remainingMs = this.#startedAtMs + this.#wholeMs - this.#method.clock.nowMs();
    // Whole milliseconds, as protocols have them; 0 would mean no limit to some.
    return remainingMs === Number.POSITIVE_INFINITY ? undefined : Math.max(1, Math.ceil(remainingMs));
  }
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
