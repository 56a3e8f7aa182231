// SPDX-License-Identifier: Apache-2.0

/** What dashboards and alerts are made with. */
export interface ObservabilityOptions {
  /**
   * Whether names of metrics end in their unit (`rpc_client_call_duration_seconds`), as the OpenTelemetry Collector and OTLP
   * receivers write them. The Prometheus exporter of OpenTelemetry for JavaScript does not. Default: false.
   */
  readonly unitSuffixes?: boolean;
  /** Warn when the 99th percentile of a method exceeds this share of its deadline: above 0, up to 1. Default: 0.8. */
  readonly nearDeadline?: number;
  /** Warn when more than this share of the attempts of a method are retries or hedges: 0 to 1. Default: 0.2. */
  readonly retryShare?: number;
  /** Warn when the busiest server gets more than this many times the average. Default: 1.5. */
  readonly imbalance?: number;
}

/** {@link ObservabilityOptions} with their defaults. */
export function resolveObservability(options: ObservabilityOptions): Required<ObservabilityOptions> {
  return { unitSuffixes: false, nearDeadline: 0.8, retryShare: 0.2, imbalance: 1.5, ...options };
}
