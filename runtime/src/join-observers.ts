// SPDX-License-Identifier: Apache-2.0
import type {
  AttemptObserver,
  AttemptResult,
  AttemptStart,
  CallEnd,
  CallObserver,
  HeaderPair,
  MethodObserver,
  RefusedBy,
} from "./observer.ts";

/** One observer that passes on to all of them, in order; nothing when there are none. */
export function joinObservers(observers: readonly MethodObserver[]): MethodObserver | undefined {
  const [first, ...others] = observers;
  return others.reduce<MethodObserver | undefined>((one, other) => one && joinTwo(one, other), first);
}

function joinTwo(one: MethodObserver, other: MethodObserver): MethodObserver {
  return {
    startCall: () => joinCalls(one.startCall(), other.startCall()),
    close() {
      one.close();
      other.close();
    },
  };
}

function joinCalls(one: CallObserver | undefined, other: CallObserver | undefined): CallObserver | undefined {
  return one === undefined || other === undefined ? (one ?? other) : new JoinedCall(one, other);
}

class JoinedCall implements CallObserver {
  readonly #one: CallObserver;
  readonly #other: CallObserver;

  constructor(one: CallObserver, other: CallObserver) {
    this.#one = one;
    this.#other = other;
  }

  startAttempt(start: AttemptStart): AttemptObserver {
    return new JoinedAttempt(this.#one.startAttempt(start), this.#other.startAttempt(start));
  }

  onRetry(delayMs: number): void {
    this.#one.onRetry(delayMs);
    this.#other.onRetry(delayMs);
  }

  onRefused(by: RefusedBy): void {
    this.#one.onRefused(by);
    this.#other.onRefused(by);
  }

  onEnd(end: CallEnd): void {
    this.#one.onEnd(end);
    this.#other.onEnd(end);
  }
}

class JoinedAttempt implements AttemptObserver {
  readonly headers: readonly HeaderPair[];
  readonly #one: AttemptObserver;
  readonly #other: AttemptObserver;

  constructor(one: AttemptObserver, other: AttemptObserver) {
    this.headers = joinHeaders(one.headers, other.headers);
    this.#one = one;
    this.#other = other;
  }

  onEnd(result: AttemptResult): void {
    this.#one.onEnd(result);
    this.#other.onEnd(result);
  }
}

/** Of two values for one name, the later wins. */
function joinHeaders(one: readonly HeaderPair[], other: readonly HeaderPair[]): readonly HeaderPair[] {
  if (one.length === 0 || other.length === 0) {
    return one.length === 0 ? other : one;
  }
  return [...new Map([...one, ...other])];
}
