// SPDX-License-Identifier: Apache-2.0
import { channel } from "node:diagnostics_channel";
import type { RetryThrottling } from "@talaria/contract";
import type { BreakerListener, BreakerState } from "./engine/breaker.ts";
import { RetryThrottle } from "./engine/retry-throttle.ts";

/** What is published on the diagnostics channel `talaria.breaker` when a circuit breaker changes its state. */
export interface BreakerEvent {
  /** When, in milliseconds since the epoch. */
  readonly atMs: number;
  /** Where its calls go. */
  readonly target: string;
  /** What it guards: a method, e.g. `shop.orders.v1.OrderService/GetOrder`, or a service. */
  readonly breaker: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/**
 * What is published on the diagnostics channel `talaria.throttle`: so many calls to a target failed that they are no longer
 * tried again (gRFC A6), or enough succeeded since that they are.
 */
export interface ThrottleEvent {
  readonly kind: "exhausted" | "recovered";
  /** When, in milliseconds since the epoch. */
  readonly atMs: number;
  /** Where its calls go. */
  readonly target: string;
  /** How many tokens are left. */
  readonly tokens: number;
  /** How many there can be; retries need more than half of them. */
  readonly maxTokens: number;
}

const breakerEvents = channel("talaria.breaker");
const throttleEvents = channel("talaria.throttle");

/** Publishes what a breaker does. */
export function breakerPublisher(target: string, breaker: string): BreakerListener {
  return (to, from) => {
    if (breakerEvents.hasSubscribers) {
      breakerEvents.publish({ atMs: Date.now(), target, breaker, from, to } satisfies BreakerEvent);
    }
  };
}

/** A throttle that says when it stops retries, and when it allows them again. */
export class PublishingThrottle extends RetryThrottle {
  readonly #target: string;
  readonly #maxTokens: number;

  constructor(policy: RetryThrottling, target: string) {
    super(policy);
    this.#target = target;
    this.#maxTokens = policy.maxTokens;
  }

  override onFailure(): void {
    const allowed = this.allowsRetry;
    super.onFailure();
    if (allowed && !this.allowsRetry) {
      this.#publish("exhausted");
    }
  }

  override onSuccess(): void {
    const allowed = this.allowsRetry;
    super.onSuccess();
    if (!allowed && this.allowsRetry) {
      this.#publish("recovered");
    }
  }

  #publish(kind: ThrottleEvent["kind"]): void {
    if (throttleEvents.hasSubscribers) {
      const { tokens } = this;
      const event: ThrottleEvent = { kind, atMs: Date.now(), target: this.#target, tokens, maxTokens: this.#maxTokens };
      throttleEvents.publish(event);
    }
  }
}
