// SPDX-License-Identifier: Apache-2.0
import type { Counter, Histogram, TextMapPropagator, Tracer } from "@opentelemetry/api";
import { callSeconds } from "./buckets.ts";
import { meterOf, type OpenTelemetryProviders, propagatorOf, tracerOf } from "./providers.ts";

/** What served calls are told to. */
export interface ServerSinks {
  readonly started: Counter;
  readonly duration: Histogram;
  readonly tracer: Tracer;
  readonly propagator: Pick<TextMapPropagator, "extract">;
}

export function createServerSinks(providers: OpenTelemetryProviders): ServerSinks {
  const meter = meterOf(providers);
  return {
    started: meter.createCounter("grpc.server.call.started", {
      description: "Calls that started, finished or not.",
      unit: "{call}",
    }),
    duration: meter.createHistogram("rpc.server.call.duration", {
      description: "How long served calls took.",
      unit: "s",
      advice: { explicitBucketBoundaries: callSeconds },
    }),
    tracer: tracerOf(providers),
    propagator: propagatorOf(providers),
  };
}
