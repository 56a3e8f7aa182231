// SPDX-License-Identifier: Apache-2.0
import type { MethodObserver, ObservedMethod, Telemetry } from "../observer.ts";
import { BreakerMetrics } from "./breaker-metrics.ts";
import { observeCall } from "./client-call.ts";
import { type ClientInstruments, createClientInstruments } from "./client-instruments.ts";
import { ClientMethod } from "./client-method.ts";
import { Endpoints } from "./endpoints.ts";
import { meterOf, type OpenTelemetryProviders, propagatorOf, tracerOf } from "./providers.ts";

/** How clients are observed. */
export interface OpenTelemetryOptions extends OpenTelemetryProviders {
  /**
   * How many targets labels name, in the order in which clients are opened; those that follow are all called `other`. Each
   * costs memory here and in the backend, for ever. Default: 100.
   */
  readonly maxEndpoints?: number;
}

/**
 * Makes metrics and spans of the calls of clients, through the OpenTelemetry API: one span a call, below it one an attempt,
 * whose context goes into the request headers. Names and labels are those of OpenTelemetry's conventions for RPC, of gRPC (gRFC
 * A66, A72, A96) and, for what nobody has named, `service_client.*`. They hold what contracts and targets say, and codes;
 * never a message, a header or a token.
 *
 * Register the OpenTelemetry SDK before clients are opened: meters, unlike tracers, are final once they were asked for.
 *
 * ```ts
 * configureTalaria({ telemetry: createOpenTelemetry() });
 * ```
 */
export function createOpenTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  const endpoints = new Endpoints(options.maxEndpoints ?? 100);
  let metrics: { readonly instruments: ClientInstruments; readonly breakers: BreakerMetrics } | undefined;
  return {
    observeMethod(observed: ObservedMethod): MethodObserver {
      metrics ??= createMetrics(options);
      const { instruments, breakers } = metrics;
      const method = new ClientMethod(observed, endpoints.of(observed.target), {
        instruments,
        tracer: tracerOf(options),
        propagator: propagatorOf(options),
      });
      breakers.add(observed, method.breakerAttributes);
      return { startCall: () => observeCall(method), close: () => breakers.remove(observed) };
    },
  };
}

function createMetrics(options: OpenTelemetryOptions) {
  const instruments = createClientInstruments(meterOf(options));
  return { instruments, breakers: new BreakerMetrics(instruments) };
}
