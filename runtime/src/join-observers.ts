// SPDX-License-Identifier: Apache-2.0
import type {
  AttemptObserver,
  AttemptResult,
  AttemptStart,
  CallEnd,
  CallObserver,
  MethodObserver,
  RefusedBy,
} from "./observer.ts";

/** One observer that passes on to all of them, in order; nothing when there are none. */
export function joinObservers(observers: readonly MethodObserver[]): MethodObserver | undefined {
  if (observers.length < 2) {
    return observers[0];
  }
  return {
    startCall: () => new JoinedCall(observers.map((observer) => observer.startCall())),
    close() {
      for (const observer of observers) {
        observer.close();
      }
    },
  };
}

class JoinedCall implements CallObserver {
  readonly #observers: readonly CallObserver[];

  constructor(observers: readonly CallObserver[]) {
    this.#observers = observers;
  }

  startAttempt(start: AttemptStart): AttemptObserver {
    const observers = this.#observers.map((observer) => observer.startAttempt(start));
    return {
      // Of two values for one name, the later wins.
      headers: [...new Map(observers.flatMap(({ headers }) => headers))],
      onEnd(result: AttemptResult) {
        for (const observer of observers) {
          observer.onEnd(result);
        }
      },
    };
  }

  onRetry(delayMs: number): void {
    for (const observer of this.#observers) {
      observer.onRetry(delayMs);
    }
  }

  onRefused(by: RefusedBy): void {
    for (const observer of this.#observers) {
      observer.onRefused(by);
    }
  }

  onEnd(end: CallEnd): void {
    for (const observer of this.#observers) {
      observer.onEnd(end);
    }
  }
}
