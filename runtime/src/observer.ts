// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import type { MethodPolicy, StatusCode } from "@talaria/contract";
import type { BreakerState } from "./engine/breaker.ts";
import type { FailureReason } from "./error.ts";

/**
 * What hears of the calls of clients, e.g. what `createOpenTelemetry()` of `@talaria/runtime/opentelemetry` makes. A client
 * without one pays nothing for it.
 */
export interface Telemetry {
  /** A client opens; what is returned hears of one of its methods until it is closed. */
  observeMethod(method: ObservedMethod): MethodObserver;
}

/** A method of an open client, as those who hear of its calls know it. */
export interface ObservedMethod {
  /** Its descriptor, and by `desc.parent` that of its service: an organisation's own options are read from them. */
  readonly desc: DescMethod;
  /** What it is called, e.g. `shop.orders.v1.OrderService/GetOrder`. */
  readonly name: string;
  /** Where its client's calls go, e.g. `dns:///orders.shop.svc.cluster.local:50051`. */
  readonly target: string;
  /** The policy in force: the contract's, or what overrides of the process make of it. */
  readonly policy: MethodPolicy;
  /** What its circuit breaker is called: the method, or the service where that has one breaker. */
  readonly breakerName: string;
  /** Where its circuit breaker is. Absent: it has none. */
  readonly breakerState: BreakerState | undefined;
}

/** Hears of the calls of one method. */
export interface MethodObserver {
  /** A call begins. Absent: nobody hears of it, and it costs what a call costs that is not observed. */
  startCall(): CallObserver | undefined;
  /** The client closes, or is observed by another from now on. */
  close(): void;
}

/** Hears of one call. */
export interface CallObserver {
  /** An attempt is let through, and goes on the wire next. */
  startAttempt(start: AttemptStart): AttemptObserver;
  /** The call waits before it is tried again. */
  onRetry(delayMs: number): void;
  /** An attempt was not let through; nothing was sent. */
  onRefused(by: RefusedBy): void;
  /** The call has ended. */
  onEnd(end: CallEnd): void;
}

/** Who did not let an attempt through. */
export type RefusedBy = "circuit_breaker" | "concurrency_limit";

/** An attempt that begins. */
export interface AttemptStart {
  /** From 1. */
  readonly number: number;
  /** The first of its call, one after a failure, or a further copy. */
  readonly kind: "first" | "retry" | "hedge";
}

/** Hears of one attempt. */
export interface AttemptObserver {
  /** Headers that the attempt carries beside the application's. Read once, when it goes on the wire. */
  readonly headers: readonly HeaderPair[];
  /** The attempt has ended. */
  onEnd(end: AttemptResult): void;
}

/** A name, in lower case, and a value. */
export type HeaderPair = [name: string, value: string];

/** How an attempt ended. */
export interface AttemptResult {
  /** A lost connection is UNAVAILABLE, a copy that lost against another CANCELLED. */
  readonly code: StatusCode;
  /** The address of the server, when one was picked. */
  readonly peer: string | undefined;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** How a call ended. */
export interface CallEnd {
  readonly code: StatusCode;
  /** Why it failed. Absent: it did not. */
  readonly reason: FailureReason | undefined;
  /** How long it took, all attempts and waits included, in milliseconds. */
  readonly durationMs: number;
  /** Retry throttling kept it from another attempt. */
  readonly throttled: boolean;
}
