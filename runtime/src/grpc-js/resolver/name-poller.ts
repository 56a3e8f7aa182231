// SPDX-License-Identifier: Apache-2.0
import type { NameResolution } from "@talaria/contract";
import type { Clock, Random, Timer } from "../../clock.ts";
import type { Address, Answer } from "./answer.ts";
import { drawJitter, type LookupOutcome, lookupDelayMs } from "./lookup-delay.ts";

/** What is asked of whom. */
export interface NameQuery {
  /** The addresses of a host, or the SRV records of a service and the addresses of their hosts. */
  readonly kind: "host" | "srv";
  readonly name: string;
  /** The DNS server to ask, as `ip:port`. Absent: those of the system. */
  readonly server: string | undefined;
}

/** Asks once. Rejects when there is no address, or when it is not known which; it must end within a few seconds. */
export type Lookup = (query: NameQuery, before: Answer | undefined) => Promise<Answer>;

/** Who wants to know the addresses of a name. Never told synchronously. */
export interface NameSubscriber {
  readonly policy: NameResolution;
  /** Told after each lookup that found addresses, whether they changed or not. */
  onAddresses(addresses: readonly Address[]): void;
  /** Told after each lookup that failed. What was found before still holds. */
  onFailure(error: Error): void;
}

/** What a poller works with. */
export interface PollerTools {
  readonly lookup: Lookup;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Keeps the addresses of one name up to date, for all who subscribe: one lookup at a time, the next when the answer's time to
 * live ends. Where subscribers differ in their bounds, the shortest wait counts for all.
 *
 * Without subscribers it makes no lookup, but remembers the latest until its time is over: clients that come and go must not
 * ask more often than one that stays.
 */
export class NamePoller {
  readonly #query: NameQuery;
  readonly #tools: PollerTools;
  readonly #onUnused: () => void;
  readonly #subscribers: Set<NameSubscriber> = new Set();
  #answer: Answer | undefined;
  #error: Error | undefined;
  #outcome: LookupOutcome | undefined;
  #settledAtMs = 0;
  #jitter = 1;
  #delayMs = 0;
  #timer: Timer | undefined;
  #looking = false;

  /** `onUnused` is called when there was no subscriber until the latest lookup was out of date. */
  constructor(query: NameQuery, tools: PollerTools, onUnused: () => void) {
    this.#query = query;
    this.#tools = tools;
    this.#onUnused = onUnused;
  }

  /** Tells `subscriber` what is known, and what will be found out, until the returned function is called. */
  subscribe(subscriber: NameSubscriber): () => void {
    this.#subscribers.add(subscriber);
    if (this.#outcome === undefined) {
      this.#look();
    } else {
      queueMicrotask(() => this.#tell(subscriber));
      this.#schedule();
    }
    return () => {
      this.#subscribers.delete(subscriber);
    };
  }

  #look(): void {
    if (this.#looking) {
      return;
    }
    this.#looking = true;
    this.#timer = undefined;
    this.#tools.lookup(this.#query, this.#answer).then(
      (answer) => this.#settle({ kind: "answer", ttlMs: answer.ttlMs }, answer, undefined),
      (error: unknown) => {
        const count = this.#outcome?.kind === "failure" ? this.#outcome.count + 1 : 1;
        this.#settle(
          { kind: "failure", count },
          this.#answer,
          error instanceof Error ? error : new Error(String(error)),
        );
      },
    );
  }

  #settle(outcome: LookupOutcome, answer: Answer | undefined, error: Error | undefined): void {
    this.#looking = false;
    this.#outcome = outcome;
    this.#answer = answer;
    this.#error = error;
    this.#settledAtMs = this.#tools.clock.nowMs();
    this.#jitter = drawJitter(this.#tools.random);
    this.#schedule();
    for (const subscriber of [...this.#subscribers]) {
      this.#tell(subscriber);
    }
  }

  #tell(subscriber: NameSubscriber): void {
    if (!this.#subscribers.has(subscriber)) {
      return;
    }
    if (this.#answer !== undefined) {
      subscriber.onAddresses(this.#answer.addresses);
    }
    if (this.#error !== undefined) {
      subscriber.onFailure(this.#error);
    }
  }

  #schedule(): void {
    const { clock } = this.#tools;
    const outcome = this.#outcome;
    if (this.#looking || outcome === undefined) {
      return;
    }
    if (this.#timer !== undefined) {
      clock.clearTimer(this.#timer);
    }
    const delays = [...this.#subscribers].map(({ policy }) => lookupDelayMs(outcome, policy));
    // While nobody listens, the answer is as old as it was allowed to become for the last who did.
    this.#delayMs = delays.length === 0 ? this.#delayMs : Math.min(...delays);
    const dueInMs = this.#settledAtMs + this.#delayMs * this.#jitter - clock.nowMs();
    this.#timer = clock.setTimer(() => this.#onDue(), Math.max(0, dueInMs));
  }

  #onDue(): void {
    this.#timer = undefined;
    if (this.#subscribers.size > 0) {
      this.#look();
    } else {
      this.#onUnused();
    }
  }
}
