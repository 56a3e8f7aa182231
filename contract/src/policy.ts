// SPDX-License-Identifier: Apache-2.0
import type { statusCodes } from "./status-codes.ts";

/**
 * What one service demands of its clients, fully resolved: built-in defaults, then the service's options, then the
 * method's, merged leaf by leaf. Plain data: it can be printed as JSON, compared, and read back.
 *
 * All times are whole milliseconds. A policy that is absent is off; connection facts are always there.
 */
export interface ServiceContract {
  /** The full name of the service, e.g. `shop.orders.v1.OrderService`. */
  readonly service: string;
  /** The policy of each method, in the order of the `.proto`. */
  readonly methods: readonly MethodPolicy[];
  /** A budget that stops retries and hedges when most calls fail (gRFC A6). Absent: no budget. */
  readonly retryThrottling?: RetryThrottling;
  /** How calls are spread over the addresses of the target. */
  readonly loadBalancing: LoadBalancing;
  /** HTTP/2 pings, and what the server permits. */
  readonly keepalive: Keepalive;
  /** How the connection is secured, and who must be at its other end. */
  readonly transportSecurity: TransportSecurity;
  /** How long connections take to open, and how long they live. */
  readonly connection: Connection;
  /** How the addresses of the target are kept up to date. */
  readonly nameResolution: NameResolution;
  /** Client-side health checking (gRFC A17). Absent: none. */
  readonly healthCheck?: HealthCheck;
  /** How a server leaves. Absent: at once. */
  readonly drain?: Drain;
}

/** The part of a contract that one method has. */
export interface MethodPolicy {
  /** The name of the rpc as the `.proto` writes it. */
  readonly name: string;
  /** Which sides stream. */
  readonly kind: MethodKind;
  /** The standard option `idempotency_level`. It decides whether a call that may have run can be tried again. */
  readonly idempotencyLevel: IdempotencyLevel;
  /**
   * The longest a whole call may take, over all attempts; for a streaming response, the longest until its first
   * message. Absent: no limit.
   */
  readonly responseTimeoutMs?: number;
  /** Which failures are tried again. Absent, or `maxAttempts` 1: none. */
  readonly retry?: RetryPolicy;
  /** When to stop calling for a while. Absent, or not `enabled`: never. */
  readonly circuitBreaker?: CircuitBreaker;
  /** Queue calls instead of failing them while no backend can be reached. */
  readonly waitForReady: boolean;
  /** The longest gap between two response messages of a stream. Absent: no limit. */
  readonly streamIdleTimeoutMs?: number;
  /** A stream ends after this time at the latest. Absent: no limit. */
  readonly streamMaxDurationMs?: number;
  /** Send further copies of a slow call. Absent: never. */
  readonly hedging?: HedgingPolicy;
  /** How many calls may be in flight at once, per process and target. Absent: no limit. */
  readonly maxConcurrentRequests?: number;
  /** How callers prove who they are. Absent: they do not. */
  readonly authentication?: Authentication;
  /** Lower-case names of the context headers that a call must carry. */
  readonly requiredHeaders: readonly string[];
}

/** Which sides of a method stream. The words are those of `DescMethod.methodKind`. */
export type MethodKind = "unary" | "server_streaming" | "client_streaming" | "bidi_streaming";

/** The values of `google.protobuf.MethodOptions.IdempotencyLevel`. */
export type IdempotencyLevel = "IDEMPOTENCY_UNKNOWN" | "NO_SIDE_EFFECTS" | "IDEMPOTENT";

/** The names of the gRPC status codes. */
export type StatusCode = (typeof statusCodes)[number];

/** Retry with exponential backoff (gRFC A6). */
export interface RetryPolicy {
  /** Attempts in all, the first one included: 1 to 5. 1 means no retry. */
  readonly maxAttempts: number;
  /** The base delay before the first retry. */
  readonly initialBackoffMs: number;
  /** The largest base delay. */
  readonly maxBackoffMs: number;
  /** What the base delay is multiplied by after each retry. */
  readonly backoffMultiplier: number;
  /** The share, 0 to 1, by which each delay is varied. */
  readonly backoffJitter: number;
  /** The status codes that are tried again. */
  readonly retryableStatusCodes: readonly StatusCode[];
  /** The longest one attempt may take. Absent: only the response timeout bounds it. */
  readonly perAttemptTimeoutMs?: number;
}

/** Hedging (gRFC A6): a further copy each delay, the first success wins. */
export interface HedgingPolicy {
  /** Copies in all, the first one included: 2 to 5. */
  readonly maxAttempts: number;
  /** How long to wait before the next copy is sent. */
  readonly hedgingDelayMs: number;
  /** The status codes on which the next copy is sent at once; any other failure ends the call. */
  readonly nonFatalStatusCodes: readonly StatusCode[];
}

/** A token bucket for retries and hedges (gRFC A6), per process and target. */
export interface RetryThrottling {
  /** The size of the bucket, 1 to 1000. Retries need more than half of it. */
  readonly maxTokens: number;
  /** What a success puts back; a retryable failure takes 1. */
  readonly tokenRatio: number;
}

/** A circuit breaker in the terms of Armeria. It stands inside the retry loop and counts attempts. */
export interface CircuitBreaker {
  /** `false` switches it off. */
  readonly enabled: boolean;
  /** What shares one breaker: each method of a target, or the whole service on it. */
  readonly scope: "METHOD" | "SERVICE";
  /** It opens when failures / total reaches this share: above 0, up to 1. */
  readonly failureRateThreshold: number;
  /** Fewer attempts than this in the window never open it. */
  readonly minimumRequestThreshold: number;
  /** How far back outcomes count. */
  readonly counterSlidingWindowMs: number;
  /** The width of a bucket of the window. */
  readonly counterUpdateIntervalMs: number;
  /** How long it refuses calls before it lets trials through. */
  readonly circuitOpenWindowMs: number;
  /** The open window doubles with each failed trial up to this. Absent: it does not grow. */
  readonly maxCircuitOpenWindowMs?: number;
  /** The share, 0 to 1, by which each open window is varied. */
  readonly openWindowJitter: number;
  /** A trial without a result after this time is replaced by another. */
  readonly trialRequestIntervalMs: number;
  /** How many trials are let through at once. */
  readonly trialRequests: number;
  /** An attempt that takes longer counts as slow. Absent: none does. */
  readonly slowCallDurationMs?: number;
  /** It opens when slow / total reaches this share: above 0, up to 1. */
  readonly slowCallRateThreshold: number;
  /** The status codes that count as failure. */
  readonly failureStatusCodes: readonly StatusCode[];
}

/** How calls are spread over the addresses of a target. */
export interface LoadBalancing {
  /** The gRPC load balancing policy. */
  readonly policy: "PICK_FIRST" | "ROUND_ROBIN" | "WEIGHTED_ROUND_ROBIN";
  /** Leave out addresses that fail much more than the others. Absent: none is left out. */
  readonly outlierDetection?: OutlierDetection;
}

/** Outlier detection by failure percentage (gRFC A50). */
export interface OutlierDetection {
  /** How often addresses are judged. */
  readonly intervalMs: number;
  /** How long an address is left out, times how often it has been. */
  readonly baseEjectionTimeMs: number;
  /** How long an address is left out at most. */
  readonly maxEjectionTimeMs: number;
  /** The largest share of the addresses, in percent, that may be left out. */
  readonly maxEjectionPercent: number;
  /** An address is left out when more percent of its calls fail than this. */
  readonly failurePercentageThreshold: number;
  /** Fewer addresses with enough calls than this are not judged. */
  readonly minimumHosts: number;
  /** Addresses with fewer calls in the interval than this are not judged. */
  readonly requestVolume: number;
}

/** HTTP/2 pings on a quiet connection (gRFC A8), and what the server permits (gRFC A9). */
export interface Keepalive {
  /** How long after the last activity the client pings. */
  readonly timeMs: number;
  /** How long the client waits for the answer before it closes the connection. */
  readonly timeoutMs: number;
  /** Ping even while no call is in flight. */
  readonly permitWithoutCalls: boolean;
  /** The shortest interval between pings that the server permits. */
  readonly serverMinTimeMs: number;
}

/** How the connection is secured, and who must be at its other end. */
export interface TransportSecurity {
  /** Who presents a certificate: the server, both sides, or nobody. */
  readonly mode: "TLS" | "MUTUAL_TLS" | "PLAINTEXT";
  /** DNS names or `spiffe://` URIs, one of which the server must present. Empty: the name in the target. */
  readonly serverIdentity: readonly string[];
}

/** How long connections take to open, and how long they live. */
export interface Connection {
  /** Client: TCP, TLS and the HTTP/2 handshake together. */
  readonly connectTimeoutMs: number;
  /** Server: after this time, ±10 %, a connection is asked to close. */
  readonly maxAgeMs: number;
  /** Server: how long the calls on such a connection may still take. */
  readonly maxAgeGraceMs: number;
  /** Server: a connection without calls is closed after this time. Absent: it is not. */
  readonly maxIdleMs?: number;
}

/** How the addresses of the target are kept up to date. */
export interface NameResolution {
  /** A shorter time to live is taken as this. */
  readonly minTtlMs: number;
  /** A longer time to live is taken as this. */
  readonly maxTtlMs: number;
  /** How long after a failed answer to ask again; doubles with each further failure. */
  readonly failureBackoffInitialMs: number;
  /** The longest such wait. */
  readonly failureBackoffMaxMs: number;
}

/** How callers prove who they are. */
export interface Authentication {
  /** Nothing, a token in the `authorization` header, or the client's certificate. */
  readonly scheme: "NONE" | "BEARER" | "MUTUAL_TLS";
  /** For whom tokens are issued. */
  readonly audience?: string;
}

/** Client-side health checking (gRFC A17). */
export interface HealthCheck {
  /** The name to ask for in `grpc.health.v1.Health/Watch`. */
  readonly serviceName: string;
}

/** How a server leaves. */
export interface Drain {
  /** How long a server goes on serving after it has said NOT_SERVING. */
  readonly noticeMs: number;
  /** How long calls in flight may still take after that. */
  readonly graceMs: number;
}
