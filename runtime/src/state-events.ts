// SPDX-License-Identifier: Apache-2.0
import { channel } from "node:diagnostics_channel";
import type { RetryThrottling } from "@talaria/contract";
import type { BreakerListener, BreakerState } from "./engine/breaker.ts";
import { RetryThrottle } from "./engine/retry-throttle.ts";

/** What is published on the diagnostics channel `talaria.breaker` when a circuit breaker changes its state. */
export interface BreakerEvent {
  /** When, in milliseconds since the epoch. */
  readonly atMs: number;
  /** Where its calls go, as their client has it. Where clients write the same target in several ways, each has an event. */
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
  /** Where its calls go, as their client has it. Where clients write the same target in several ways, each has an event. */
  readonly target: string;
  /** How many tokens are left. */
  readonly tokens: number;
  /** How many there can be; retries need more than half of them. */
  readonly maxTokens: number;
}

const breakerEvents = channel("talaria.breaker");
const throttleEvents = channel("talaria.throttle");

/** Publishes what a breaker does, under each target that its clients have. */
export function breakerPublisher(targets: readonly string[], breaker: string): BreakerListener {
  return (to, from) => {
    if (breakerEvents.hasSubscribers) {
      const atMs = Date.now();
      for (const target of new Set(targets)) {
        breakerEvents.publish({ atMs, target, breaker, from, to } satisfies BreakerEvent);
      }
    }
  };
}

/** A throttle that says when it stops retries, and when it allows them again. */
export class PublishingThrottle extends RetryThrottle {
  readonly #targets: readonly string[];
  readonly #maxTokens: number;

  constructor(policy: RetryThrottling, targets: readonly string[]) {
    super(policy);
    this.#targets = targets;
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
      const about = { kind, atMs: Date.now(), tokens: this.tokens, maxTokens: this.#maxTokens };
      for (const target of new Set(this.#targets)) {
        throttleEvents.publish({ ...about, target } satisfies ThrottleEvent);
      }
    }
  }
}
