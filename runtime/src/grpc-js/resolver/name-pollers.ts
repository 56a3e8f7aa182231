// SPDX-License-Identifier: Apache-2.0
import { type Clock, systemClock, systemRandom, type Timer } from "../../clock.ts";
import { createLookup } from "./lookup.ts";
import { NamePoller, type NameQuery, type NameSubscriber, type PollerTools } from "./name-poller.ts";

/** The pollers of all names, one a name and DNS server: however many channels want to know, one asks. */
export class NamePollers {
  readonly #tools: PollerTools;
  readonly #pollers: Map<string, NamePoller> = new Map();

  constructor(tools: PollerTools) {
    this.#tools = tools;
  }

  /** How many names are known. */
  get size(): number {
    return this.#pollers.size;
  }

  /** Subscribes to the addresses of a name, until the returned function is called. */
  subscribe(query: NameQuery, subscriber: NameSubscriber): () => void {
    const key = `${query.kind} ${query.name} ${query.server ?? ""}`;
    let poller = this.#pollers.get(key);
    if (poller === undefined) {
      poller = new NamePoller(query, this.#tools, () => this.#pollers.delete(key));
      this.#pollers.set(key, poller);
    }
    return poller.subscribe(subscriber);
  }
}

/** As the system clock, but its timers do not keep a process alive that has nothing else to do. */
export const backgroundClock: Clock = {
  ...systemClock,
  setTimer(task, delayMs): Timer {
    const timer = systemClock.setTimer(task, delayMs);
    (timer as unknown as NodeJS.Timeout).unref();
    return timer;
  },
};

let shared: NamePollers | undefined;

/** The pollers that all clients of the process share. */
export function processPollers(): NamePollers {
  shared ??= new NamePollers({ lookup: createLookup(), clock: backgroundClock, random: systemRandom });
  return shared;
}
