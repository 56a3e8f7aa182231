// SPDX-License-Identifier: Apache-2.0

/** What the clients of one target share, as long as one of them is open. */
export interface TargetScope<V> {
  /** The shared value of `key`; made by `create` when no client of the target has asked for it before. */
  get(key: string, create: () => V): V;
  /** Says that this client no longer uses what it was given. Closing twice is closing once. */
  close(): void;
}

interface Target<V> {
  clients: number;
  readonly values: Map<string, V>;
}

/** More values than a process with a few thousand methods needs. */
const defaultMaxValues = 10_000;

/**
 * Values that all clients of a target in this process share: breakers, throttles, limits. A target is kept while a
 * client of it is open. The number of values is bounded: beyond it a client gets values of its own, so a process that
 * opens clients without end, and never closes them, loses the sharing and not its memory to the registry.
 */
export class SharedRegistry<V> {
  readonly #maxValues: number;
  readonly #targets: Map<string, Target<V>> = new Map();
  #size = 0;

  /** Shares up to `maxValues` [10000]. */
  constructor(maxValues: number = defaultMaxValues) {
    this.#maxValues = maxValues;
  }

  /** How many values are shared. */
  get size(): number {
    return this.#size;
  }

  /** A client of `target` opens. It must close the scope when it closes. */
  open(target: string): TargetScope<V> {
    const shared = this.#targets.get(target) ?? { clients: 0, values: new Map<string, V>() };
    this.#targets.set(target, shared);
    shared.clients += 1;
    const own = new Map<string, V>();
    let open = true;
    return {
      get: (key, create) =>
        shared.values.get(key) ?? own.get(key) ?? this.#add(open ? shared : undefined, own, key, create()),
      close: () => {
        if (!open) return;
        open = false;
        this.#release(target, shared);
      },
    };
  }

  /** Every shared value, with its target and key. */
  *entries(): IterableIterator<readonly [target: string, key: string, value: V]> {
    for (const [target, { values }] of this.#targets) {
      for (const [key, value] of values) yield [target, key, value];
    }
  }

  #add(shared: Target<V> | undefined, own: Map<string, V>, key: string, value: V): V {
    if (shared === undefined || this.#size >= this.#maxValues) {
      own.set(key, value);
    } else {
      shared.values.set(key, value);
      this.#size += 1;
    }
    return value;
  }

  #release(target: string, shared: Target<V>): void {
    shared.clients -= 1;
    if (shared.clients > 0) return;
    this.#targets.delete(target);
    this.#size -= shared.values.size;
  }
}
