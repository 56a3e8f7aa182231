// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy, ServiceContract } from "../policy.ts";

/** The largest bound of the histogram of calls, in seconds: no percentile of it is ever larger. */
export const largestBoundSeconds = 10;

/** PromQL on what `@talaria/runtime/opentelemetry` measures; rates are over five minutes. */
export interface Queries {
  /** Calls per second, by how they ended. */
  callsByStatus(service: ServiceContract): string;
  /** A percentile of a method, in seconds, for each callee. */
  latency(method: string, quantile: number): string;
  /** The share of the calls of a method that ended with its deadline, for each callee. */
  deadlineShare(method: string): string;
  /** The share of the attempts of a method that are retries or hedges. */
  retryShare(method: string): string;
  /** Attempts per second, by method. */
  attempts(service: ServiceContract): string;
  /** Where breakers are, the worst over all clients: 0 closed, 1 half-open, 2 open. */
  breakerState(names: readonly string[]): string;
  /** Attempts per second that breakers refused. */
  breakerRejected(names: readonly string[]): string;
  /** Calls per second that throttling kept from another attempt. */
  throttled(service: ServiceContract): string;
  /** Calls per second beyond the limit of concurrent ones. */
  concurrencyRejected(methods: readonly string[]): string;
  /** Calls per second that each server got; `instance` is what Prometheus calls it. */
  servedByInstance(service: ServiceContract): string;
}

export function createQueries(unitSuffixes: boolean): Queries {
  const second = unitSuffixes ? "_seconds" : "";
  const calls = `rpc_client_call_duration${second}`;
  const served = `rpc_server_call_duration${second}`;
  return {
    callsByStatus: (service) =>
      `sum by (rpc_method, rpc_status_code) (${rate(`${calls}_count`, methodsOf(service, "rpc_method"))})`,
    latency: (method, quantile) =>
      `histogram_quantile(${quantile}, sum by (le, ${callee}) (${rate(`${calls}_bucket`, is("rpc_method", [method]))}))`,
    deadlineShare: (method) => {
      const ofMethod = is("rpc_method", [method]);
      const late = rate(`${calls}_count`, `${ofMethod}, rpc_status_code="DEADLINE_EXCEEDED"`);
      return `sum by (${callee}) (${late}) / sum by (${callee}) (${rate(`${calls}_count`, ofMethod)})`;
    },
    retryShare: (method) => {
      const ofMethod = is("grpc_method", [method]);
      const further = ["retries", "hedges"].map((kind) => `sum(${rate(`grpc_client_call_${kind}_sum`, ofMethod)})`);
      // A method has one of the two, and a sum over nothing is nothing.
      return `(${further.join(" or ")}) / sum(${rate("grpc_client_attempt_started_total", ofMethod)})`;
    },
    attempts: (service) =>
      `sum by (grpc_method) (${rate("grpc_client_attempt_started_total", methodsOf(service, "grpc_method"))})`,
    breakerState: (names) =>
      `max by (${breaker}, ${callee}) (service_client_circuit_breaker_state{${is(breaker, names)}})`,
    breakerRejected: (names) =>
      `sum by (${breaker}) (${rate("service_client_circuit_breaker_rejected_total", is(breaker, names))})`,
    throttled: (service) =>
      `sum by (${callee}) (${rate("service_client_retry_throttled_total", methodsOf(service, "rpc_method"))})`,
    concurrencyRejected: (methods) =>
      `sum by (rpc_method) (${rate("service_client_concurrency_rejected_total", is("rpc_method", methods))})`,
    servedByInstance: (service) => `sum by (instance) (${rate(`${served}_count`, methodsOf(service, "rpc_method"))})`,
  };
}

const callee = "server_address, server_port";
const breaker = "service_client_circuit_breaker_name";

function rate(metric: string, selector: string): string {
  return `rate(${metric}{${selector}}[5m])`;
}

function methodsOf({ service, methods }: ServiceContract, label: string): string {
  return is(
    label,
    methods.map(({ name }) => `${service}/${name}`),
  );
}

function is(label: string, values: readonly string[]): string {
  const [only] = values;
  // Names of methods hold no character but the dot that a regular expression would take for more than it is.
  return values.length === 1
    ? `${label}="${only}"`
    : `${label}=~"${values.map((value) => value.replaceAll(".", "\\\\.")).join("|")}"`;
}

/** Whether there is something to ask for: by no names at all, a query would ask for the series that have no such label. */
export function hasMethods({ methods }: ServiceContract): boolean {
  return methods.length > 0;
}

/** What the breaker of a method is called in metrics. Absent: it has none. */
function breakerNameOf(service: string, { name, circuitBreaker }: MethodPolicy): string | undefined {
  if (circuitBreaker === undefined || !circuitBreaker.enabled) {
    return undefined;
  }
  return circuitBreaker.scope === "SERVICE" ? service : `${service}/${name}`;
}

/** The names of the breakers of a service. */
export function breakerNamesOf({ service, methods }: ServiceContract): readonly string[] {
  return [...new Set(methods.flatMap((method) => breakerNameOf(service, method) ?? []))];
}

/** Whether a call of a method may make more than one attempt. */
export function hasFurtherAttempts({ retry, hedging }: MethodPolicy): boolean {
  return hedging !== undefined || (retry?.maxAttempts ?? 1) > 1;
}

/** How long the calls of a method may take, in seconds. Absent: as long as they like, or only their first message is bounded. */
export function deadlineSecondsOf({ kind, responseTimeoutMs, streamMaxDurationMs }: MethodPolicy): number | undefined {
  const millis = kind === "unary" || kind === "client_streaming" ? responseTimeoutMs : streamMaxDurationMs;
  return millis === undefined ? undefined : millis / 1000;
}
