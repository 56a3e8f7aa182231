// SPDX-License-Identifier: Apache-2.0
import type { Interceptor } from "@connectrpc/connect";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import {
  BatchSpanProcessor,
  InMemorySpanExporter,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { CallHooks, ClientExtensions } from "@talaria/runtime";
import { createOpenTelemetry, type OpenTelemetryProviders } from "@talaria/runtime/opentelemetry";

/** What can watch calls, by name. */
export const observers: Readonly<Record<string, () => ClientExtensions>> = {
  // What two clients differ in that are alike: no figure means anything below it.
  "nobody, as a control": () => ({}),
  "API without an SDK": () => ({ telemetry: createOpenTelemetry() }),
  metrics: () => ({ telemetry: createOpenTelemetry(metrics()) }),
  "metrics, 1 of 100 traced": () => ({ telemetry: createOpenTelemetry(traced(0.01)) }),
  "metrics, all traced": () => ({ telemetry: createOpenTelemetry(traced(1)) }),
  hooks: () => ({ hooks }),
  "an interceptor": () => ({ interceptors }),
  "everything, 1 of 100 traced": () => ({ telemetry: createOpenTelemetry(traced(0.01)), hooks, interceptors }),
  "everything, all traced": () => ({ telemetry: createOpenTelemetry(traced(1)), hooks, interceptors }),
};

/** What those of them report to that report to an SDK. */
export const sdks: Readonly<Record<string, () => OpenTelemetryProviders>> = {
  metrics,
  "metrics, 1 of 100 traced": () => traced(0.01),
  "metrics, all traced": () => traced(1),
  "everything, 1 of 100 traced": () => traced(0.01),
  "everything, all traced": () => traced(1),
};

function metrics(): OpenTelemetryProviders {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  return { meterProvider: new MeterProvider({ readers: [exporter] }) };
}

function traced(share: number): OpenTelemetryProviders {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = new InMemorySpanExporter();
  // What has been exported must not pile up.
  setInterval(() => exporter.reset(), 100).unref();
  return {
    ...metrics(),
    tracerProvider: new TracerProvider({
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    }),
    propagator: new W3CTraceContextPropagator(),
  };
}

const interceptors: readonly Interceptor[] = [(next) => (request) => next(request)];

const counts = { calls: 0, attempts: 0, ended: 0 };

const hooks: CallHooks = {
  onCallStart: () => {
    counts.calls += 1;
  },
  onAttemptStart: ({ number }) => {
    counts.attempts += number;
  },
  onAttemptEnd: ({ durationMs }) => {
    counts.ended += durationMs;
  },
};
