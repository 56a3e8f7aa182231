// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { OpenTelemetryProviders } from "@talaria/runtime/opentelemetry";
import { parseSamples, type Sample } from "./prometheus-text.ts";

/** What a process that is observed has: an OpenTelemetry SDK of its own, which Prometheus can scrape. */
export interface ObservedProcess extends AsyncDisposable {
  readonly providers: OpenTelemetryProviders;
  /** The text that a Prometheus server would read now, over HTTP. */
  scrape(): Promise<string>;
  /** As {@link scrape}, taken apart. */
  samples(): Promise<readonly Sample[]>;
  /** The spans that have ended. */
  spans(): readonly ReadableSpan[];
}

export async function observeProcess(): Promise<ObservedProcess> {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [exporter] });
  const spanExporter = new InMemorySpanExporter();
  const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })] });
  const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return {
    providers: { meterProvider, tracerProvider, propagator: new W3CTraceContextPropagator() },
    scrape,
    samples: async () => parseSamples(await scrape()),
    spans: () => spanExporter.getFinishedSpans(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await meterProvider.shutdown();
      await tracerProvider.shutdown();
    },
  };
}
