// SPDX-License-Identifier: Apache-2.0
import type { HedgingPolicy } from "@talaria/contract";
import { type FailedAttempt, policyCode } from "./failure.ts";
import { parsePushback } from "./pushback.ts";
import { mostAttempts } from "./retry.ts";
import type { RetryThrottle } from "./retry-throttle.ts";

/**
 * What the driver of a hedged call has to do, in the order given. Attempts count from 1. A wait comes before the start it
 * goes with, so that a copy may fail, and be reported, while it is being started.
 */
export type HedgingAction =
  /** Send a copy. */
  | { readonly kind: "start"; readonly attempt: number }
  /** Call {@link Hedging.onDelay} after `delayMs`. It takes the place of an earlier wait. */
  | { readonly kind: "wait"; readonly delayMs: number }
  /** Give up the wait. */
  | { readonly kind: "stop_waiting" }
  /** Cancel a copy. Its end need not be reported. */
  | { readonly kind: "cancel"; readonly attempt: number }
  /** The call ends as this attempt ended. */
  | { readonly kind: "finish"; readonly attempt: number };

const nothing: readonly HedgingAction[] = [];

/**
 * Hedging of one call (gRFC A6): a further copy each delay, at once after a non-fatal failure; the first success ends the
 * call, and so does a fatal failure. Events go in, actions come out. It takes tokens from the throttle, and sends no
 * further copy once the throttle or the server has said so; giving tokens back on success is the caller's part, and so
 * are deadline and cancel, which end all copies.
 */
export class Hedging {
  readonly #policy: HedgingPolicy;
  readonly #maxAttempts: number;
  readonly #throttle: RetryThrottle | undefined;
  /** The throttle has kept the call from a further copy. */
  throttled = false;
  readonly #running: Set<number> = new Set();
  #started = 0;
  #waiting = false;
  #frozen = false;
  #finished = false;
  /** The last copy that the server answered; what the call ends with when no copy is left. */
  #lastFailure: number | undefined;

  constructor(policy: HedgingPolicy, throttle?: RetryThrottle) {
    this.#policy = policy;
    this.#maxAttempts = Math.min(policy.maxAttempts, mostAttempts);
    this.#throttle = throttle;
  }

  get furtherKind(): "hedge" {
    return "hedge";
  }

  /** Copies sent so far. */
  get attempts(): number {
    return this.#started;
  }

  /** The call begins, with `remainingMs` to its deadline (`Infinity`: none). */
  start(remainingMs: number): readonly HedgingAction[] {
    return this.#sendCopy(remainingMs);
  }

  /** The wait is over. */
  onDelay(remainingMs: number): readonly HedgingAction[] {
    if (this.#finished || !this.#waiting) return nothing;
    this.#waiting = false;
    return this.#mayHedge() && remainingMs > 0 ? this.#sendCopy(remainingMs) : this.#giveUp();
  }

  /** A copy succeeded. For a streaming response: it delivered its first message, or ended well without one. */
  onSuccess(attempt: number): readonly HedgingAction[] {
    if (this.#finished || !this.#running.delete(attempt)) return nothing;
    return this.#finish(attempt);
  }

  /** The request can be sent by this copy only: the others are given up, and no further one follows. */
  onCommitted(attempt: number): readonly HedgingAction[] {
    if (this.#finished || !this.#running.has(attempt)) return nothing;
    this.#frozen = true;
    const others = [...this.#running].filter((other) => other !== attempt);
    for (const other of others) this.#running.delete(other);
    return [...this.#stopWaiting(), ...others.map((other): HedgingAction => ({ kind: "cancel", attempt: other }))];
  }

  /** A copy failed. */
  onFailure(attempt: number, failure: FailedAttempt, remainingMs: number): readonly HedgingAction[] {
    if (this.#finished || !this.#running.delete(attempt)) return nothing;
    if (failure.origin === "breaker" || failure.origin === "local") return this.#onRefusal(attempt);
    this.#lastFailure = attempt;
    const pushback = parsePushback(failure.pushback);
    const fatal = this.#isFatal(failure);
    if (!fatal || pushback.kind === "stop") this.#throttle?.onFailure();
    if (fatal) return this.#finish(attempt);
    if (pushback.kind === "stop") this.#frozen = true;
    const delayMs = pushback.kind === "delay" ? pushback.delayMs : 0;
    if (!this.#mayHedge() || delayMs >= remainingMs) return this.#giveUp();
    return delayMs === 0 ? this.#sendCopy(remainingMs) : this.#wait(delayMs);
  }

  /** This process let no further copy out; those that run may still succeed. */
  #onRefusal(attempt: number): readonly HedgingAction[] {
    this.#frozen = true;
    this.#lastFailure ??= attempt;
    return this.#giveUp();
  }

  #isFatal({ code, origin }: FailedAttempt): boolean {
    if (origin === "deadline" || origin === "cancelled") return true;
    return !this.#policy.nonFatalStatusCodes.includes(policyCode(code, origin));
  }

  /** Whether a further copy may be sent. Once the throttle has said no, it stays so for this call. */
  #mayHedge(): boolean {
    if (this.#frozen || this.#started >= this.#maxAttempts) return false;
    this.throttled = this.#throttle !== undefined && !this.#throttle.allowsRetry;
    this.#frozen = this.throttled;
    return !this.throttled;
  }

  #sendCopy(remainingMs: number): readonly HedgingAction[] {
    this.#started += 1;
    this.#running.add(this.#started);
    const start: HedgingAction = { kind: "start", attempt: this.#started };
    const { hedgingDelayMs } = this.#policy;
    const more = this.#started < this.#maxAttempts && hedgingDelayMs < remainingMs;
    return [...(more ? this.#wait(hedgingDelayMs) : this.#stopWaiting()), start];
  }

  /** No further copy comes: waits for those that run, or ends with what there is. */
  #giveUp(): readonly HedgingAction[] {
    return this.#running.size === 0 ? this.#finish(this.#lastFailure) : this.#stopWaiting();
  }

  #finish(attempt: number | undefined): readonly HedgingAction[] {
    if (attempt === undefined) return nothing;
    this.#finished = true;
    const losers: HedgingAction[] = [...this.#running].map((loser) => ({ kind: "cancel", attempt: loser }));
    this.#running.clear();
    return [...this.#stopWaiting(), ...losers, { kind: "finish", attempt }];
  }

  #wait(delayMs: number): readonly HedgingAction[] {
    this.#waiting = true;
    return [{ kind: "wait", delayMs }];
  }

  #stopWaiting(): readonly HedgingAction[] {
    if (!this.#waiting) return nothing;
    this.#waiting = false;
    return [{ kind: "stop_waiting" }];
  }
}
