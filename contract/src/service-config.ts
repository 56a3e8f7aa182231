// SPDX-License-Identifier: Apache-2.0
import { formatDuration } from "./duration.ts";
import { type LoadBalancingConfig, loadBalancingConfigOf } from "./load-balancing-config.ts";
import { respondsWithStream } from "./method-kind.ts";
import type { HedgingPolicy, MethodPolicy, RetryPolicy, ServiceContract, StatusCode } from "./policy.ts";

/**
 * A gRPC service config, in the part that every gRPC language reads alike. The names are those of
 * `grpc.service_config.ServiceConfig` in JSON.
 */
export interface ServiceConfig {
  /** The first entry that a client knows wins. */
  readonly loadBalancingConfig: readonly LoadBalancingConfig[];
  /** One entry a method, complete in itself: gRPC never merges entries. */
  readonly methodConfig: readonly MethodConfig[];
  readonly retryThrottling?: { readonly maxTokens: number; readonly tokenRatio: number };
  readonly healthCheckConfig?: { readonly serviceName: string };
}

/** What a service config says about one method. */
export interface MethodConfig {
  readonly name: readonly [{ readonly service: string; readonly method: string }];
  readonly waitForReady?: true;
  readonly timeout?: string;
  readonly retryPolicy?: {
    readonly maxAttempts: number;
    readonly initialBackoff: string;
    readonly maxBackoff: string;
    readonly backoffMultiplier: number;
    readonly retryableStatusCodes: readonly StatusCode[];
  };
  readonly hedgingPolicy?: {
    readonly maxAttempts: number;
    readonly hedgingDelay: string;
    readonly nonFatalStatusCodes: readonly StatusCode[];
  };
}

/**
 * Writes a contract as gRPC service config, for clients in other languages. Each method has an entry of its own with
 * everything in it, durations are whole seconds or have nine digits, and the load balancing policy is always named:
 * what every gRPC implementation reads the same. See `notExpressible` for what it cannot say.
 */
export function serviceConfigOf(contract: ServiceContract): ServiceConfig {
  const { retryThrottling, healthCheck } = contract;
  return {
    loadBalancingConfig: loadBalancingConfigOf(contract.loadBalancing),
    methodConfig: contract.methods.map((policy) => methodConfigOf(contract.service, policy)),
    ...(retryThrottling === undefined
      ? {}
      : { retryThrottling: { ...retryThrottling, tokenRatio: threeDecimals(retryThrottling.tokenRatio) } }),
    ...(healthCheck === undefined ? {} : { healthCheckConfig: { serviceName: healthCheck.serviceName } }),
  };
}

/** Writes a contract as the text of a service config file: indented JSON, ending in a newline. */
export function formatServiceConfig(contract: ServiceContract): string {
  return `${JSON.stringify(serviceConfigOf(contract), null, 2)}\n`;
}

function methodConfigOf(service: string, policy: MethodPolicy): MethodConfig {
  const timeoutMs = wholeCallTimeoutMs(policy);
  return {
    name: [{ service, method: policy.name }],
    ...(policy.waitForReady ? { waitForReady: true } : {}),
    ...(timeoutMs === undefined ? {} : { timeout: formatDuration(timeoutMs) }),
    ...retryPolicyOf(policy.retry),
    ...hedgingPolicyOf(policy.hedging),
  };
}

/** A service config's timeout ends the whole call, so on a streaming response only the longest duration is one. */
function wholeCallTimeoutMs(policy: MethodPolicy): number | undefined {
  const streams = respondsWithStream(policy.kind);
  return streams ? policy.streamMaxDurationMs : policy.responseTimeoutMs;
}

function retryPolicyOf(retry: RetryPolicy | undefined): Pick<MethodConfig, "retryPolicy"> {
  if (retry === undefined || retry.maxAttempts < 2) {
    return {};
  }
  return {
    retryPolicy: {
      maxAttempts: retry.maxAttempts,
      initialBackoff: formatDuration(retry.initialBackoffMs),
      maxBackoff: formatDuration(retry.maxBackoffMs),
      backoffMultiplier: retry.backoffMultiplier,
      retryableStatusCodes: retry.retryableStatusCodes,
    },
  };
}

function hedgingPolicyOf(hedging: HedgingPolicy | undefined): Pick<MethodConfig, "hedgingPolicy"> {
  if (hedging === undefined) {
    return {};
  }
  return {
    hedgingPolicy: {
      maxAttempts: hedging.maxAttempts,
      hedgingDelay: formatDuration(hedging.hedgingDelayMs),
      nonFatalStatusCodes: hedging.nonFatalStatusCodes,
    },
  };
}

/** gRFC A6 reads three decimals. */
function threeDecimals(ratio: number): number {
  return Math.round(ratio * 1000) / 1000;
}
