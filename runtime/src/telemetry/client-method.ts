// SPDX-License-Identifier: Apache-2.0
import { type Attributes, SpanKind, type SpanOptions, type TextMapPropagator, type Tracer } from "@opentelemetry/api";
import type { StatusCode } from "@talaria/contract";
import type { FailureReason } from "../error.ts";
import type { ObservedMethod } from "../observer.ts";
import type { AttemptCount, ClientInstruments } from "./client-instruments.ts";
import type { Endpoint } from "./endpoints.ts";

/** What the calls of clients are told to. */
export interface ClientSinks {
  readonly instruments: ClientInstruments;
  readonly tracer: Tracer;
  readonly propagator: Pick<TextMapPropagator, "inject">;
}

/** What is the same for all calls of a method of a client, made once: attributes are what telemetry spends its time on. */
export class ClientMethod {
  readonly sinks: ClientSinks;
  readonly callSpanName: string;
  readonly callSpan: SpanOptions;
  readonly attemptSpanName: string;
  /** Of spans, and of counters without a code. */
  readonly attributes: Attributes;
  /** Of `grpc.*` metrics that have no status. */
  readonly grpcAttributes: Attributes;
  readonly breakerAttributes: Attributes;
  readonly started: AttemptCount;
  readonly #firstAttemptSpan: SpanOptions;
  readonly #ofCalls: Map<string, Attributes> = new Map();
  readonly #ofAttempts: Map<StatusCode, Attributes> = new Map();

  constructor({ name, breakerName }: ObservedMethod, { target, address, port }: Endpoint, sinks: ClientSinks) {
    const server = { "server.address": address, ...(port !== undefined && { "server.port": port }) };
    this.sinks = sinks;
    this.callSpanName = `Sent.${name}`;
    this.attemptSpanName = `Attempt.${name}`;
    this.attributes = { "rpc.system.name": "grpc", "rpc.method": name, ...server };
    this.grpcAttributes = { "grpc.method": name, "grpc.target": target };
    this.breakerAttributes = { "service_client.circuit_breaker.name": breakerName, ...server };
    this.callSpan = { attributes: this.attributes };
    this.#firstAttemptSpan = this.#attemptSpanOf(1);
    this.started = sinks.instruments.countAttempts(this.grpcAttributes);
  }

  /** Of the span of an attempt, which count from 1. */
  attemptSpan(number: number): SpanOptions {
    return number === 1 ? this.#firstAttemptSpan : this.#attemptSpanOf(number);
  }

  #attemptSpanOf(number: number): SpanOptions {
    const attributes = { ...this.attributes, "previous-rpc-attempts": number - 1, "transparent-retry": false };
    return { kind: SpanKind.CLIENT, attributes };
  }

  /** Of a call that ended so. */
  callAttributes(code: StatusCode, errorType: string | undefined): Attributes {
    const key = errorType === undefined ? code : `${code} ${errorType}`;
    let attributes = this.#ofCalls.get(key);
    if (attributes === undefined) {
      attributes = {
        ...this.attributes,
        "rpc.status_code": code,
        ...(errorType !== undefined && { "error.type": errorType }),
      };
      this.#ofCalls.set(key, attributes);
    }
    return attributes;
  }

  /** Of an attempt that ended so. */
  attemptAttributes(code: StatusCode): Attributes {
    let attributes = this.#ofAttempts.get(code);
    if (attributes === undefined) {
      attributes = { ...this.grpcAttributes, "grpc.status": code };
      this.#ofAttempts.set(code, attributes);
    }
    return attributes;
  }
}

/** `error.type`: the code when a server sent it, otherwise why the call failed on this side. */
export function errorTypeOf(code: StatusCode, reason: FailureReason | undefined): string | undefined {
  return reason === "status" ? code : reason;
}
