// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import type { MethodPolicy } from "@talaria/contract";
import type { Clock, Random } from "./clock.ts";
import type { CallCredentials } from "./credentials/authenticate.ts";
import type { Breaker } from "./engine/breaker.ts";
import type { ConcurrencyLimit } from "./engine/concurrency-limit.ts";
import type { RetryRules } from "./engine/retry.ts";
import type { ClientLifetime } from "./lifetime.ts";
import type { MethodObserver } from "./observer.ts";
import type { Wire } from "./wire.ts";

/** A method of an open client, with what guards its calls. Breaker, throttle and limit are shared within the process. */
export interface GuardedMethod {
  readonly desc: DescMethod;
  /** What the contract says, or what overrides of the process make of it. */
  policy: MethodPolicy;
  /** What the method is called in messages, e.g. `shop.orders.v1.OrderService/GetOrder`. */
  readonly name: string;
  /** What the breaker is called in messages: the method, or the service. */
  readonly breakerName: string;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly random: Random;
  readonly lifetime: ClientLifetime;
  readonly breaker: Breaker | undefined;
  /** Overrides of the process hold the breaker so, whatever it counts. */
  breakerHeld: "open" | "closed" | undefined;
  readonly limit: ConcurrencyLimit | undefined;
  /** How its calls say who makes them. */
  readonly credentials: CallCredentials | undefined;
  retry: RetryRules;
  /** Hears of its calls. */
  observer?: MethodObserver | undefined;
}
