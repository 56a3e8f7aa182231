// SPDX-License-Identifier: Apache-2.0
import {
  type Context,
  context,
  INVALID_TRACEID,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type {
  AttemptObserver,
  AttemptResult,
  AttemptStart,
  CallEnd,
  CallObserver,
  HeaderPair,
  RefusedBy,
} from "../observer.ts";
import { type ClientMethod, errorTypeOf } from "./client-method.ts";
import { headersOf } from "./providers.ts";

/** Begins to hear of a call, unless nobody would ever read what is heard. */
export function observeCall(method: ClientMethod): CallObserver | undefined {
  const { instruments, propagator, tracer } = method.sinks;
  const parent = context.active();
  const span = tracer.startSpan(method.callSpanName, method.callSpan, parent);
  const isTraced = parent !== ROOT_CONTEXT || span.spanContext().traceId !== INVALID_TRACEID;
  if (instruments.areRead || isTraced || propagator !== propagation || propagation.fields().length > 0) {
    return new ClientCall(method, parent, span);
  }
  return undefined;
}

/** The span and the metrics of one call. */
class ClientCall implements CallObserver {
  readonly #method: ClientMethod;
  readonly #context: Context;
  readonly #span: Span;
  #retries = 0;
  #hedges = 0;
  /** How long it waited before attempts that then started. */
  #delayedMs = 0;
  #nextDelayMs = 0;

  constructor(method: ClientMethod, parent: Context, span: Span) {
    this.#method = method;
    this.#span = span;
    // Without an SDK, and without a caller who has one, there is nothing to pass on.
    this.#context = isSpanContextValid(span.spanContext()) ? trace.setSpan(parent, span) : parent;
  }

  startAttempt({ number, kind }: AttemptStart): AttemptObserver {
    const method = this.#method;
    method.started.value += 1;
    if (kind === "retry") {
      this.#retries += 1;
      this.#delayedMs += this.#nextDelayMs;
    } else if (kind === "hedge") {
      this.#hedges += 1;
    }
    if (!this.#span.isRecording()) {
      return new ClientAttempt(method, undefined, headersOf(method.sinks.propagator, this.#context));
    }
    const span = method.sinks.tracer.startSpan(method.attemptSpanName, method.attemptSpan(number), this.#context);
    const headers = headersOf(method.sinks.propagator, trace.setSpan(this.#context, span));
    return new ClientAttempt(method, span, headers);
  }

  onRetry(delayMs: number): void {
    this.#nextDelayMs = delayMs;
  }

  onRefused(by: RefusedBy): void {
    const { instruments } = this.#method.sinks;
    if (by === "circuit_breaker") {
      instruments.breakerRejected.add(1, this.#method.breakerAttributes);
    } else {
      instruments.concurrencyRejected.add(1, this.#method.attributes);
    }
  }

  onEnd({ code, reason, durationMs, throttled }: CallEnd): void {
    const { sinks, grpcAttributes, attributes } = this.#method;
    const { instruments } = sinks;
    const errorType = errorTypeOf(code, reason);
    const ended = this.#method.callAttributes(code, errorType);
    instruments.callDuration.record(durationMs / 1000, ended, this.#context);
    if (this.#retries > 0) {
      instruments.retries.record(this.#retries, grpcAttributes);
      instruments.retryDelay.record(this.#delayedMs / 1000, grpcAttributes);
    }
    if (this.#hedges > 0) {
      instruments.hedges.record(this.#hedges, grpcAttributes);
    }
    if (throttled) {
      instruments.throttled.add(1, attributes);
    }
    if (this.#span.isRecording()) {
      endSpan(this.#span, code, errorType);
    }
  }
}

class ClientAttempt implements AttemptObserver {
  readonly headers: readonly HeaderPair[];
  readonly #method: ClientMethod;
  readonly #span: Span | undefined;

  constructor(method: ClientMethod, span: Span | undefined, headers: readonly HeaderPair[]) {
    this.#method = method;
    this.#span = span;
    this.headers = headers;
  }

  onEnd({ code, peer, durationMs }: AttemptResult): void {
    const { instruments } = this.#method.sinks;
    instruments.attemptDuration.record(durationMs / 1000, this.#method.attemptAttributes(code));
    if (this.#span !== undefined) {
      if (peer !== undefined) {
        this.#span.setAttribute("network.peer.address", peer);
      }
      endSpan(this.#span, code, code === "OK" ? undefined : code);
    }
  }
}

/** Says how a span ended, by its code only: a message may hold anything, and nobody has asked whether it may be kept. */
function endSpan(span: Span, code: string, errorType: string | undefined): void {
  span.setAttribute("rpc.status_code", code);
  if (errorType !== undefined) {
    span.setAttribute("error.type", errorType);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
