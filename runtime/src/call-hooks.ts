// SPDX-License-Identifier: Apache-2.0
import type {
  AttemptObserver,
  AttemptResult,
  AttemptStart,
  CallEnd,
  CallObserver,
  HeaderPair,
  MethodObserver,
  ObservedMethod,
  RefusedBy,
} from "./observer.ts";

/**
 * Functions of the application that hear of calls and their attempts: for audit, for headers that differ from attempt to
 * attempt, for metrics of your own. What goes around a whole call is an interceptor's part.
 *
 * They run at once, in the middle of the call: they should be quick. What they throw does not reach the call; as with a
 * diagnostics channel it becomes an uncaught exception.
 */
export interface CallHooks {
  /** A call begins. */
  onCallStart?(call: HookedCall): void;
  /** An attempt was let through by breaker and limit, and goes on the wire when this returns. */
  onAttemptStart?(attempt: StartingAttempt): void;
  /** An attempt has ended. */
  onAttemptEnd?(attempt: EndedAttempt): void;
  /** A call waits before it is tried again. */
  onRetry?(retry: CallRetry): void;
  /** An attempt was not let through; nothing was sent. */
  onRefused?(refusal: CallRefusal): void;
  /** A call has ended; with `reason`, it has failed. */
  onCallEnd?(end: EndedCall): void;
}

/** A call, one and the same object in all that is said of it, so that it can be the key of a `WeakMap`. */
export interface HookedCall {
  /** What is called. Options of your organisation are read from `method.desc` and `method.desc.parent`. */
  readonly method: ObservedMethod;
}

/** An attempt that goes on the wire. */
export interface StartingAttempt extends AttemptStart {
  readonly call: HookedCall;
  /** Sends a header with this attempt, in place of one of that name. Headers of the protocol are left as they are. */
  setHeader(name: string, value: string): void;
}

/** An attempt that has ended. */
export interface EndedAttempt extends AttemptStart, AttemptResult {
  readonly call: HookedCall;
}

/** A call that is tried again after a while. */
export interface CallRetry {
  readonly call: HookedCall;
  /** How long it waits, in milliseconds. */
  readonly delayMs: number;
}

/** An attempt that was not let through. */
export interface CallRefusal {
  readonly call: HookedCall;
  readonly by: RefusedBy;
}

/** A call that has ended. */
export interface EndedCall extends CallEnd {
  readonly call: HookedCall;
}

/** Hears of the calls of a method on behalf of hooks. */
export function observeWithHooks(hooks: CallHooks, method: ObservedMethod): MethodObserver {
  return { startCall: () => new HookedObserver(hooks, { method }), close: () => undefined };
}

class HookedObserver implements CallObserver {
  readonly #hooks: CallHooks;
  readonly #call: HookedCall;

  constructor(hooks: CallHooks, call: HookedCall) {
    this.#hooks = hooks;
    this.#call = call;
    try {
      hooks.onCallStart?.(call);
    } catch (error) {
      throwLater(error);
    }
  }

  startAttempt(start: AttemptStart): AttemptObserver {
    return new HookedAttempt(this.#hooks, this.#call, start);
  }

  onRetry(delayMs: number): void {
    try {
      this.#hooks.onRetry?.({ call: this.#call, delayMs });
    } catch (error) {
      throwLater(error);
    }
  }

  onRefused(by: RefusedBy): void {
    try {
      this.#hooks.onRefused?.({ call: this.#call, by });
    } catch (error) {
      throwLater(error);
    }
  }

  onEnd({ code, reason, durationMs, throttled }: CallEnd): void {
    try {
      this.#hooks.onCallEnd?.({ call: this.#call, code, reason, durationMs, throttled });
    } catch (error) {
      throwLater(error);
    }
  }
}

class HookedAttempt implements AttemptObserver {
  readonly headers: readonly HeaderPair[];
  readonly #hooks: CallHooks;
  readonly #call: HookedCall;
  readonly #start: AttemptStart;

  constructor(hooks: CallHooks, call: HookedCall, start: AttemptStart) {
    this.#hooks = hooks;
    this.#call = call;
    this.#start = start;
    this.headers = hooks.onAttemptStart === undefined ? noHeaders : startingHeaders(hooks, call, start);
  }

  onEnd({ code, peer, durationMs }: AttemptResult): void {
    const { number, kind } = this.#start;
    try {
      this.#hooks.onAttemptEnd?.({ call: this.#call, number, kind, code, peer, durationMs });
    } catch (error) {
      throwLater(error);
    }
  }
}

/** The headers that a hook sets as the attempt starts. */
function startingHeaders(hooks: CallHooks, call: HookedCall, { number, kind }: AttemptStart): readonly HeaderPair[] {
  let added: Map<string, string> | undefined;
  const setHeader = (name: string, value: string): void => {
    added ??= new Map();
    added.set(name.toLowerCase(), value);
  };
  try {
    hooks.onAttemptStart?.({ call, number, kind, setHeader });
  } catch (error) {
    throwLater(error);
  }
  return added === undefined ? noHeaders : [...added];
}

const noHeaders: readonly HeaderPair[] = [];

/** A hook that fails must not keep a call from ending, nor go unnoticed. */
function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
