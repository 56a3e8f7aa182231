// SPDX-License-Identifier: Apache-2.0
import {
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
} from "@opentelemetry/api";
import type { StatusCode } from "@talaria/contract";
import { statusCodeName } from "../status-code.ts";
import type { ServerSinks } from "./server-instruments.ts";

/** The codes that are a server's own fault; the others are answers. */
const faults: ReadonlySet<StatusCode> = new Set([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);

/** The span and the metrics of one served call. */
export class ServedCall {
  /** What its handler runs in. */
  readonly context: Context;
  readonly #sinks: ServerSinks;
  readonly #method: string;
  readonly #span: Span;
  readonly #startedAtMs: number = performance.now();
  #ended = false;

  /** @param method Its name, e.g. `shop.orders.v1.OrderService/GetOrder`. */
  constructor(sinks: ServerSinks, method: string, header: Headers) {
    const caller = sinks.propagator.extract(context.active(), header, headerGetter);
    const attributes = { "rpc.system.name": "grpc", "rpc.method": method };
    this.#sinks = sinks;
    this.#method = method;
    this.#span = sinks.tracer.startSpan(`Recv.${method}`, { kind: SpanKind.SERVER, attributes }, caller);
    this.context = trace.setSpan(caller, this.#span);
    sinks.started.add(1, { "grpc.method": method });
  }

  /** It has ended with this status; what comes later changes nothing. */
  end(code: number): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    const name = statusCodeName(code);
    const failure = faults.has(name) ? { "error.type": name } : {};
    const ended = { "rpc.system.name": "grpc", "rpc.method": this.#method, "rpc.status_code": name, ...failure };
    this.#sinks.duration.record((performance.now() - this.#startedAtMs) / 1000, ended, this.context);
    this.#span.setAttributes({ "rpc.status_code": name, ...failure });
    if (faults.has(name)) {
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}

const headerGetter: TextMapGetter<Headers> = {
  get: (header, name) => header.get(name) ?? undefined,
  keys: (header) => [...header.keys()],
};
