// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Attributes } from "@opentelemetry/api";
import type { BreakerState } from "../engine/breaker.ts";
import type { ObservedMethod } from "../observer.ts";
import type { BreakerEvent } from "../state-events.ts";
import type { ClientInstruments } from "./client-instruments.ts";

/** A breaker: clients of one target share it, and so may the methods of a service. */
interface WatchedBreaker {
  readonly attributes: Attributes;
  readonly methods: Set<ObservedMethod>;
}

/** The metrics of the breakers that open clients have. */
export class BreakerMetrics {
  readonly #instruments: ClientInstruments;
  readonly #breakers: Map<string, WatchedBreaker> = new Map();
  readonly #onEvent = (event: unknown): void => this.#countTransition(event as BreakerEvent);

  constructor(instruments: ClientInstruments) {
    this.#instruments = instruments;
    instruments.breakerState.addCallback((result) => {
      for (const { attributes, methods } of this.#breakers.values()) {
        const states = [...methods].flatMap(({ breakerState }) => (breakerState ? [stateNumbers[breakerState]] : []));
        if (states.length > 0) {
          // An override may hold the breaker open for one of its methods: the worst is what an operator looks for.
          result.observe(Math.max(...states), attributes);
        }
      }
    });
  }

  /** A client opens. */
  add(method: ObservedMethod, attributes: Attributes): void {
    if (this.#breakers.size === 0) {
      subscribe("talaria.breaker", this.#onEvent);
    }
    const key = keyOf(method.target, method.breakerName);
    const breaker = this.#breakers.get(key) ?? { attributes, methods: new Set() };
    breaker.methods.add(method);
    this.#breakers.set(key, breaker);
  }

  /** A client closes. */
  remove(method: ObservedMethod): void {
    const key = keyOf(method.target, method.breakerName);
    const breaker = this.#breakers.get(key);
    breaker?.methods.delete(method);
    if (breaker?.methods.size === 0) {
      this.#breakers.delete(key);
    }
    if (this.#breakers.size === 0) {
      unsubscribe("talaria.breaker", this.#onEvent);
    }
  }

  #countTransition({ target, breaker, to }: BreakerEvent): void {
    const watched = this.#breakers.get(keyOf(target, breaker));
    if (watched !== undefined) {
      this.#instruments.transitions.add(1, { ...watched.attributes, state: to.toLowerCase() });
    }
  }
}

const stateNumbers: Readonly<Record<BreakerState, number>> = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 };

function keyOf(target: string, breaker: string): string {
  return `${target} ${breaker}`;
}
