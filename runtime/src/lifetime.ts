// SPDX-License-Identifier: Apache-2.0

/** A call that a closing client does not wait for. */
export interface Abortable {
  abort(): void;
}

/**
 * Whether a client is open, and what it has in flight. Closing lets unary calls finish, retries included, and ends streams,
 * which nobody reads once the client's scope is left and which might never end.
 */
export class ClientLifetime {
  #open = true;
  #calls = 0;
  readonly #streams: Set<Abortable> = new Set();
  #idle: (() => void) | undefined;

  get open(): boolean {
    return this.#open;
  }

  enter(stream?: Abortable): void {
    this.#calls += 1;
    if (stream !== undefined) {
      this.#streams.add(stream);
    }
  }

  leave(stream?: Abortable): void {
    this.#calls -= 1;
    if (stream !== undefined) {
      this.#streams.delete(stream);
    }
    if (this.#calls === 0) {
      this.#idle?.();
    }
  }

  /** Refuses further calls, ends streams, and resolves when the last call has ended. */
  async close(): Promise<void> {
    this.#open = false;
    for (const stream of [...this.#streams]) {
      stream.abort();
    }
    if (this.#calls > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const others = this.#idle;
      this.#idle = () => {
        others?.();
        resolve();
      };
      await promise;
    }
  }
}
