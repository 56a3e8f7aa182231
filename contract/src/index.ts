// SPDX-License-Identifier: Apache-2.0

export { ContractError } from "./contract-error.ts";
export type { BoundContract } from "./contract-of.ts";
export { bindContract, contractOf } from "./contract-of.ts";
export type { BrokenMethodPage, ContractPage, MethodPage, PageValue, SoundMethodPage } from "./contract-page.ts";
export { contractPage } from "./contract-page.ts";
export type { DeclaredOption } from "./declared.ts";
export { describePolicy } from "./describe-policy.ts";
export type { Diagnostic, SourceLocation } from "./diagnostic.ts";
export { formatDiagnostic } from "./diagnostic.ts";
export { formatContractPage } from "./format-contract-page.ts";
export {
  client_config as clientConfigOption,
  method_config as methodConfigOption,
} from "./gen/service_client_config_pb.ts";
export type { FindMethodConfig } from "./import/index-method-configs.ts";
export { indexMethodConfigs } from "./import/index-method-configs.ts";
export type { ConfigDuration } from "./import/parse-duration.ts";
export { durationMillis } from "./import/parse-duration.ts";
export type { ParsedLoadBalancing } from "./import/parse-load-balancing.ts";
export { parseServiceConfig } from "./import/parse-service-config.ts";
export type {
  ConfigProblem,
  ParsedHedgingPolicy,
  ParsedMethodConfig,
  ParsedName,
  ParsedRetryPolicy,
  ParsedRetryThrottling,
  ParsedServiceConfig,
} from "./import/parsed-service-config.ts";
export type { InspectOptions, Origin, ServiceInspection } from "./inspect-service.ts";
export { inspectService } from "./inspect-service.ts";
export type { Limit } from "./limits.ts";
export { limitOf, repeatedDefaultOf } from "./limits.ts";
export type { LoadBalancingConfig } from "./load-balancing-config.ts";
export type { Locate } from "./locate.ts";
export { locateInSourceInfo } from "./locate.ts";
export type { NotExpressible } from "./not-expressible.ts";
export { notExpressible } from "./not-expressible.ts";
export { formatPrometheusRules } from "./observability/format-prometheus-rules.ts";
export type { GrafanaDashboard, GrafanaPanel, GrafanaVariable } from "./observability/grafana-dashboard.ts";
export { grafanaDashboard } from "./observability/grafana-dashboard.ts";
export type { ObservabilityOptions } from "./observability/options.ts";
export type { AlertGroup, AlertRule, PrometheusRules } from "./observability/prometheus-rules.ts";
export { prometheusRules } from "./observability/prometheus-rules.ts";
export type { OptionValue } from "./option-schema.ts";
export type {
  Authentication,
  CircuitBreaker,
  Connection,
  Drain,
  HealthCheck,
  HedgingPolicy,
  IdempotencyLevel,
  Keepalive,
  LoadBalancing,
  MethodKind,
  MethodPolicy,
  NameResolution,
  OutlierDetection,
  RetryPolicy,
  RetryThrottling,
  ServiceContract,
  StatusCode,
  TransportSecurity,
} from "./policy.ts";
export { sayLongestWait } from "./say-longest-wait.ts";
export { sayNotKnown } from "./say-not-known.ts";
export { saySetBy } from "./say-set-by.ts";
export type { MethodConfig, ServiceConfig } from "./service-config.ts";
export { formatServiceConfig, serviceConfigOf } from "./service-config.ts";
export { statusCodes } from "./status-codes.ts";
export type { TxtRecord } from "./txt-records.ts";
export { formatTxtRecords } from "./txt-records.ts";
