// SPDX-License-Identifier: Apache-2.0
import type { MethodPolicy, ServiceContract } from "../policy.ts";
import { type ObservabilityOptions, resolveObservability } from "./options.ts";
import {
  breakerNamesOf,
  createQueries,
  deadlineSecondsOf,
  hasFurtherAttempts,
  hasMethods,
  largestBoundSeconds,
  type Queries,
} from "./queries.ts";

/** Alert rules, as a rule file of Prometheus holds them. */
export interface PrometheusRules {
  readonly groups: readonly AlertGroup[];
}

/** The alerts of one service. */
export interface AlertGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

/** One alert. */
export interface AlertRule {
  readonly alert: string;
  /** PromQL; the alert fires for each series that it yields. */
  readonly expr: string;
  /** How long it must be so, e.g. `5m`. */
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly summary: string; readonly description: string };
}

/**
 * Makes alert rules of contracts, one group a service: calls that come near their deadline or miss it, too many retries,
 * breakers that are open, throttled retries, calls beyond the limit, servers that get more than their share. A policy that a
 * contract does not have gets no rule, and a service without methods no group. They read what `@talaria/runtime/opentelemetry` measures in clients and servers.
 */
export function prometheusRules(
  contracts: readonly ServiceContract[],
  options: ObservabilityOptions = {},
): PrometheusRules {
  const settings = resolveObservability(options);
  const queries = createQueries(settings.unitSuffixes);
  return {
    groups: contracts.filter(hasMethods).map((contract) => ({
      name: contract.service,
      rules: [
        ...contract.methods.flatMap((method) => rulesOfMethod(contract, method, queries, settings)),
        ...rulesOfService(contract, queries, settings),
      ],
    })),
  };
}

function rulesOfMethod(
  { service }: ServiceContract,
  policy: MethodPolicy,
  queries: Queries,
  { nearDeadline, retryShare }: Required<ObservabilityOptions>,
): readonly AlertRule[] {
  const method = `${service}/${policy.name}`;
  const deadline = deadlineSecondsOf(policy);
  const rules: AlertRule[] = [];
  if (deadline !== undefined && deadline * nearDeadline < largestBoundSeconds) {
    rules.push(
      rule(
        "ServiceClientNearDeadline",
        "warning",
        "10m",
        { service, method },
        {
          expr: `${queries.latency(method, 0.99)} > ${round(deadline * nearDeadline)}`,
          summary: `${method} takes nearly as long as its contract allows`,
          description: `1 of 100 calls takes more than {{ $value | humanizeDuration }}; the deadline is ${deadline} s.`,
        },
      ),
    );
  }
  if (deadline !== undefined) {
    rules.push(
      rule(
        "ServiceClientDeadlineExceeded",
        "critical",
        "5m",
        { service, method },
        {
          expr: `${queries.deadlineShare(method)} > 0.01`,
          summary: `${method} misses its deadline`,
          description: `{{ $value | humanizePercentage }} of the calls end by their deadline of ${deadline} s or a shorter one.`,
        },
      ),
    );
  }
  if (hasFurtherAttempts(policy)) {
    rules.push(
      rule(
        "ServiceClientRetryShare",
        "warning",
        "10m",
        { service, method },
        {
          expr: `${queries.retryShare(method)} > ${retryShare}`,
          summary: `${method} is tried again too often`,
          description:
            "{{ $value | humanizePercentage }} of the attempts are retries or hedges: the servers work for nothing.",
        },
      ),
    );
  }
  return rules;
}

function rulesOfService(
  contract: ServiceContract,
  queries: Queries,
  { imbalance }: Required<ObservabilityOptions>,
): readonly AlertRule[] {
  const { service, methods } = contract;
  const breakers = breakerNamesOf(contract);
  const limited = methods.filter(({ maxConcurrentRequests }) => maxConcurrentRequests !== undefined);
  const rules: AlertRule[] = [];
  if (breakers.length > 0) {
    rules.push(
      rule(
        "ServiceClientBreakerOpen",
        "critical",
        "1m",
        { service },
        {
          expr: `${queries.breakerState(breakers)} >= 1`,
          summary: "The circuit breaker of {{ $labels.service_client_circuit_breaker_name }} is open",
          description: "Calls to {{ $labels.server_address }} are refused by a client because too many of them failed.",
        },
      ),
    );
  }
  if (contract.retryThrottling !== undefined) {
    rules.push(
      rule(
        "ServiceClientRetriesThrottled",
        "warning",
        "5m",
        { service },
        {
          expr: `${queries.throttled(contract)} > 0`,
          summary: `Calls of ${service} are no longer tried again`,
          description: "So many calls to {{ $labels.server_address }} fail that retry throttling stops retries.",
        },
      ),
    );
  }
  if (limited.length > 0) {
    rules.push(
      rule(
        "ServiceClientConcurrencyLimit",
        "warning",
        "5m",
        { service },
        {
          expr: `${queries.concurrencyRejected(limited.map(({ name }) => `${service}/${name}`))} > 0`,
          summary: "Calls of {{ $labels.rpc_method }} are refused by their concurrency limit",
          description: "{{ $value | humanize }} calls per second find as many in flight as the contract allows.",
        },
      ),
    );
  }
  if (contract.loadBalancing.policy !== "PICK_FIRST") {
    const served = queries.servedByInstance(contract);
    rules.push(
      // Longer than connections live by default, after which they are spread anew.
      rule(
        "ServiceServerImbalance",
        "warning",
        "15m",
        { service },
        {
          expr: `max(${served}) / avg(${served}) > ${imbalance} and sum(${served}) > 1`,
          summary: `The servers of ${service} do not get equal shares`,
          description: "The busiest server gets {{ $value | humanize }} times the average.",
        },
      ),
    );
  }
  return rules;
}

function rule(
  alert: string,
  severity: "warning" | "critical",
  lasting: string,
  { service, method }: { readonly service: string; readonly method?: string },
  { expr, summary, description }: { readonly expr: string; readonly summary: string; readonly description: string },
): AlertRule {
  return {
    alert,
    expr,
    for: lasting,
    // Not `service`: scrape configurations use that label themselves.
    labels: { severity, grpc_service: service, ...(method !== undefined && { rpc_method: method }) },
    annotations: { summary, description },
  };
}

function round(seconds: number): number {
  return Number(seconds.toFixed(6));
}
