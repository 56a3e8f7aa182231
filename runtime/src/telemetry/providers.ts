// SPDX-License-Identifier: Apache-2.0
import {
  type Context,
  type Meter,
  type MeterProvider,
  metrics,
  propagation,
  type TextMapPropagator,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import type { HeaderPair } from "../observer.ts";
import { version } from "../version.ts";

/** What OpenTelemetry is used through. What is absent is what the process has registered globally. */
export interface OpenTelemetryProviders {
  /** Takes the metrics. */
  readonly meterProvider?: MeterProvider;
  /** Takes the spans. */
  readonly tracerProvider?: TracerProvider;
  /** Puts trace context into request headers, and reads it from them. */
  readonly propagator?: TextMapPropagator;
}

const scope = "@talaria/runtime";

export function meterOf({ meterProvider }: OpenTelemetryProviders): Meter {
  return (meterProvider ?? metrics).getMeter(scope, version);
}

export function tracerOf({ tracerProvider }: OpenTelemetryProviders): Tracer {
  return (tracerProvider ?? trace).getTracer(scope, version);
}

export function propagatorOf({ propagator }: OpenTelemetryProviders): Pick<TextMapPropagator, "inject" | "extract"> {
  return propagator ?? propagation;
}

/** The request headers that carry a context. */
export function headersOf(propagator: Pick<TextMapPropagator, "inject">, context: Context): readonly HeaderPair[] {
  const headers: HeaderPair[] = [];
  propagator.inject(context, headers, pairSetter);
  return headers;
}

const pairSetter = {
  set(headers: HeaderPair[], name: string, value: string): void {
    headers.push([name.toLowerCase(), value]);
  },
};
