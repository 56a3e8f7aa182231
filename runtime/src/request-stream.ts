// SPDX-License-Identifier: Apache-2.0
import type { PreparedMessage } from "./wire.ts";

/** How many bytes of request messages are kept for a further attempt (gRFC A6, per-call buffer). */
export const replayLimitBytes: number = 1024 * 1024;

/**
 * The request messages of a streaming call. Attempts read it by position; what was read is kept for a further attempt, as
 * long as it is wanted and fits.
 */
export class RequestStream {
  readonly #source: AsyncIterator<PreparedMessage>;
  readonly #kept: PreparedMessage[] = [];
  #keptBytes = 0;
  #dropped = 0;
  #keeping = true;
  #ended = false;
  #pull: Promise<void> | undefined;

  constructor(source: AsyncIterator<PreparedMessage>) {
    this.#source = source;
  }

  /** Whether a further attempt could send everything again. */
  get kept(): boolean {
    return this.#keeping;
  }

  /** Whether more than fits is kept. It stays so until {@link stopKeeping}. */
  get overflows(): boolean {
    return this.#keeping && this.#keptBytes > replayLimitBytes;
  }

  /** No further attempt will come: messages are let go once they are sent. */
  stopKeeping(): void {
    this.#keeping = false;
  }

  /** The message at a position; nothing after the last. Throws what the application's iterable throws. */
  async at(position: number): Promise<PreparedMessage | undefined> {
    while (position >= this.#dropped + this.#kept.length && !this.#ended) {
      this.#pull ??= this.#pullNext();
      await this.#pull;
    }
    const message = this.#kept[position - this.#dropped];
    if (!this.#keeping) {
      this.#drop(position + 1 - this.#dropped);
    }
    return message;
  }

  /** Tells the application's iterable that nobody reads on. */
  close(): void {
    this.#ended = true;
    // The application may be waiting in its own code; its answer to this is no longer of interest.
    this.#source.return?.().catch(() => undefined);
  }

  async #pullNext(): Promise<void> {
    try {
      const next = await this.#source.next();
      if (next.done) {
        this.#ended = true;
      } else {
        this.#kept.push(next.value);
        this.#keptBytes += next.value.byteLength;
      }
    } finally {
      this.#pull = undefined;
    }
  }

  #drop(count: number): void {
    for (const message of this.#kept.splice(0, count)) {
      this.#keptBytes -= message.byteLength;
      this.#dropped += 1;
    }
  }
}
