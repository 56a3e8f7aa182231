// SPDX-License-Identifier: Apache-2.0
import {
  type Attributes,
  type Counter,
  createNoopMeter,
  type Histogram,
  type Meter,
  type ObservableGauge,
} from "@opentelemetry/api";
import { attemptSeconds, callSeconds, retryCounts } from "./buckets.ts";

/** The metrics of clients. */
export interface ClientInstruments {
  /** Whether there is an SDK behind them. */
  readonly areRead: boolean;
  readonly callDuration: Histogram;
  readonly attemptDuration: Histogram;
  readonly retries: Histogram;
  readonly hedges: Histogram;
  readonly retryDelay: Histogram;
  readonly throttled: Counter;
  readonly breakerState: ObservableGauge;
  readonly transitions: Counter;
  readonly breakerRejected: Counter;
  readonly concurrencyRejected: Counter;
  /** Counts attempts that started. Cheaper than a counter of the API: it is read, not written, through it. */
  countAttempts(attributes: Attributes): AttemptCount;
}

/** A count that only grows. */
export interface AttemptCount {
  value: number;
}

export function createClientInstruments(meter: Meter): ClientInstruments {
  const seconds = (name: string, description: string, explicitBucketBoundaries: number[]): Histogram =>
    meter.createHistogram(name, { description, unit: "s", advice: { explicitBucketBoundaries } });
  const counts = (name: string, description: string, unit: string): Histogram =>
    meter.createHistogram(name, { description, unit, advice: { explicitBucketBoundaries: retryCounts } });
  const counter = (name: string, description: string, unit: string): Counter =>
    meter.createCounter(name, { description, unit });
  return {
    areRead: meter !== createNoopMeter(),
    callDuration: seconds("rpc.client.call.duration", "How long calls took, over all attempts.", callSeconds),
    attemptDuration: seconds("grpc.client.attempt.duration", "How long attempts took.", attemptSeconds),
    retries: counts("grpc.client.call.retries", "Retries of calls that were tried again.", "{retry}"),
    hedges: counts("grpc.client.call.hedges", "Further copies of calls that were hedged.", "{hedge}"),
    retryDelay: seconds("grpc.client.call.retry_delay", "How long calls waited before retries.", attemptSeconds),
    throttled: counter(
      "service_client.retry.throttled",
      "Calls not tried again because of retry throttling.",
      "{call}",
    ),
    breakerState: meter.createObservableGauge("service_client.circuit_breaker.state", {
      description: "Where circuit breakers are: 0 closed, 1 half-open, 2 open.",
    }),
    transitions: counter(
      "service_client.circuit_breaker.transitions",
      "Changes of state of circuit breakers, by the new state.",
      "{transition}",
    ),
    breakerRejected: counter(
      "service_client.circuit_breaker.rejected",
      "Attempts that circuit breakers refused; nothing was sent.",
      "{attempt}",
    ),
    concurrencyRejected: counter(
      "service_client.concurrency.rejected",
      "Attempts refused because too many calls were in flight; nothing was sent.",
      "{attempt}",
    ),
    countAttempts: createAttemptCounts(meter),
  };
}

function createAttemptCounts(meter: Meter): (attributes: Attributes) => AttemptCount {
  const counts = new Map<string, AttemptCount & { readonly attributes: Attributes }>();
  meter
    .createObservableCounter("grpc.client.attempt.started", {
      description: "Attempts that started, finished or not.",
      unit: "{attempt}",
    })
    .addCallback((result) => {
      for (const { value, attributes } of counts.values()) {
        result.observe(value, attributes);
      }
    });
  return (attributes) => {
    const key = JSON.stringify(attributes);
    const count = counts.get(key) ?? { value: 0, attributes };
    counts.set(key, count);
    return count;
  };
}
