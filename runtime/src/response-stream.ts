// SPDX-License-Identifier: Apache-2.0
import type { Message } from "@bufbuild/protobuf";

/** Who fills a response stream is told when its reader wants more, and when it has left. */
export interface ResponseSource {
  /** The reader waits for a message that has not arrived. */
  onWanted(): void;
  /** The reader left before the end. */
  onLeft(): void;
}

type Waiter = {
  resolve: (result: IteratorResult<Message, undefined>) => void;
  reject: (error: unknown) => void;
};

/** The response messages of a streaming call: filled by the call, read by the application, one at a time. */
export class ResponseStream implements AsyncIterableIterator<Message, undefined> {
  readonly #source: ResponseSource;
  readonly #messages: Message[] = [];
  readonly #waiting: Waiter[] = [];
  #end: { readonly error: unknown } | "ok" | undefined;

  constructor(source: ResponseSource) {
    this.#source = source;
  }

  /** A reader waits for a message. */
  get wanted(): boolean {
    return this.#waiting.length > 0;
  }

  push(message: Message): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) {
      this.#messages.push(message);
    } else {
      waiter.resolve({ done: false, value: message });
    }
  }

  /** Ends the stream. Messages that have arrived can still be read. */
  end(end: { readonly error: unknown } | "ok"): void {
    this.#end ??= end;
    for (const waiter of this.#waiting.splice(0)) {
      this.#settle(waiter);
    }
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const message = this.#messages.shift();
    if (message !== undefined) {
      return Promise.resolve({ done: false, value: message });
    }
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      if (this.#end !== undefined) {
        this.#settle(waiter);
        return;
      }
      this.#waiting.push(waiter);
      this.#source.onWanted();
    });
  }

  return(): Promise<IteratorResult<Message, undefined>> {
    if (this.#end === undefined) {
      this.#source.onLeft();
      this.end("ok");
    }
    this.#messages.length = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #settle(waiter: Waiter): void {
    const end = this.#end;
    if (end === undefined || end === "ok") {
      waiter.resolve({ done: true, value: undefined });
    } else {
      // An iterator throws once; afterwards it is done.
      this.#end = "ok";
      waiter.reject(end.error);
    }
  }
}
