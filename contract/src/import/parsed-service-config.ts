// SPDX-License-Identifier: Apache-2.0
import type { StatusCode } from "../policy.ts";
import type { ConfigDuration } from "./parse-duration.ts";
import type { ParsedLoadBalancing } from "./parse-load-balancing.ts";

/** A service config as `parseServiceConfig` has read it, and what is wrong with it. Plain data. */
export interface ParsedServiceConfig {
  /**
   * What a client does that follows gRFC A6 and A21 to the letter: take the config, or refuse it as a whole, which any
   * problem of severity `error` makes it do.
   */
  readonly verdict: "accept" | "reject";
  /** What is wrong, in the order of the text. */
  readonly problems: readonly ConfigProblem[];
  /** The entries, in their order. What is wrong in an entry is absent from it; the rest is there. */
  readonly methodConfig: readonly ParsedMethodConfig[];
  /** The load balancing policies to try, in their order. Absent: the config names none, and clients use pick_first. */
  readonly loadBalancing?: readonly ParsedLoadBalancing[];
  readonly retryThrottling?: ParsedRetryThrottling;
  /** Client-side health checking (gRFC A17). */
  readonly healthCheckConfig?: { readonly serviceName: string };
}

/** Something wrong with a service config. */
export interface ConfigProblem {
  /** What kind of problem: a stable kebab-case word such as `max-attempts-missing`. */
  readonly code: string;
  /** An error makes clients refuse the whole config; with a warning, some clients refuse it or take it differently. */
  readonly severity: "error" | "warning";
  /** The place in the JSON, e.g. `methodConfig[3].retryPolicy.maxAttempts`; empty for the whole. */
  readonly path: string;
  /** What is wrong, why it matters, and what to write instead. */
  readonly message: string;
}

/** What a config says about the methods that its names select. */
export interface ParsedMethodConfig {
  /** Its place in the JSON, e.g. `methodConfig[3]`. */
  readonly path: string;
  readonly names: readonly ParsedName[];
  readonly waitForReady?: boolean;
  readonly timeout?: ConfigDuration;
  readonly retryPolicy?: ParsedRetryPolicy;
  readonly hedgingPolicy?: ParsedHedgingPolicy;
  /** The longest request, in bytes. */
  readonly maxRequestMessageBytes?: number;
  /** The longest response, in bytes. */
  readonly maxResponseMessageBytes?: number;
}

/** What an entry applies to: one method, or all of a service, or, when both are empty, everything. */
export interface ParsedName {
  /** Its place in the JSON. */
  readonly path: string;
  readonly service: string;
  readonly method: string;
}

/** A retry policy (gRFC A6). What the config leaves out or gets wrong is absent. */
export interface ParsedRetryPolicy {
  /** 2 or more. Clients take more than 5 for 5. */
  readonly maxAttempts?: number;
  readonly initialBackoff?: ConfigDuration;
  readonly maxBackoff?: ConfigDuration;
  readonly backoffMultiplier?: number;
  readonly retryableStatusCodes?: readonly StatusCode[];
}

/** A hedging policy (gRFC A6). What the config leaves out or gets wrong is absent. */
export interface ParsedHedgingPolicy {
  /** 2 or more. Clients take more than 5 for 5. */
  readonly maxAttempts?: number;
  readonly hedgingDelay?: ConfigDuration;
  /** Empty: every failure ends the call. */
  readonly nonFatalStatusCodes: readonly StatusCode[];
}

/** Retry throttling (gRFC A6). What the config leaves out or gets wrong is absent. */
export interface ParsedRetryThrottling {
  readonly maxTokens?: number;
  /** In thousandths: clients drop what is smaller. */
  readonly tokenRatio?: number;
}
