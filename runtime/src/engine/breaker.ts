// SPDX-License-Identifier: Apache-2.0
import type { CircuitBreaker as CircuitBreakerPolicy } from "@talaria/contract";
import type { Random } from "../clock.ts";
import { jitter } from "./backoff.ts";
import { BreakerWindow } from "./breaker-window.ts";
import type { Outcome } from "./outcome.ts";

/** Where a breaker is: it lets calls through, refuses them, or tries whether the server is back. */
export type BreakerState = "CLOSED" | "OPEN" | "HALF_OPEN";

/**
 * Leave to make one attempt. It belongs to the period in which it was given: a result that comes after the breaker has
 * moved on changes nothing. {@link refused} is the absence of leave.
 */
export type BreakerPermit = number;

/** What {@link Breaker.tryAcquire} returns when it refuses. */
export const refused: BreakerPermit = 0;

/** Why a breaker left CLOSED, with the numbers that decided. */
export type BreakerTrip =
  | {
      /** Too many of the attempts in the window failed, took too long, or the same of the trials. */
      readonly kind: "failures" | "slow_calls" | "failed_trials" | "slow_trials";
      /** How many did. */
      readonly count: number;
      /** Of how many. */
      readonly total: number;
      /** The share that was allowed. */
      readonly threshold: number;
    }
  /** It was opened by hand. */
  | { readonly kind: "by_hand" };

/** A breaker at one moment; plain data for errors, logs and metrics. */
export interface BreakerSnapshot {
  readonly state: BreakerState;
  /** Held in that state until further notice. */
  readonly forced: boolean;
  /** Outcomes in the window now. */
  readonly total: number;
  /** Failures among them. */
  readonly failures: number;
  /** Slow ones among them. */
  readonly slow: number;
  /** `counterSlidingWindowMs` of the policy. */
  readonly windowMs: number;
  /** `slowCallDurationMs` of the policy. */
  readonly slowCallDurationMs: number | undefined;
  /** Why it left CLOSED; `undefined` while CLOSED. */
  readonly trip: BreakerTrip | undefined;
  /** The length chosen for the open window; `undefined` while CLOSED, `Infinity` while forced open. */
  readonly openWindowMs: number | undefined;
  /**
   * In how many milliseconds the next trial is let through: at the latest while HALF_OPEN, when running trials are
   * replaced. `undefined` while CLOSED, `Infinity` while forced open.
   */
  readonly nextTrialInMs: number | undefined;
}

/** Told of every change of state. */
export type BreakerListener = (to: BreakerState, from: BreakerState) => void;

/**
 * A circuit breaker in the terms of Armeria: it counts attempts in a sliding window, opens when too large a share of them
 * fail or are slow, refuses attempts for a while, and lets trials decide whether to close. A refused attempt is not
 * counted, and a CLOSED breaker allocates nothing.
 */
export class Breaker {
  readonly #policy: CircuitBreakerPolicy;
  readonly #random: Random;
  readonly #listener: BreakerListener | undefined;
  readonly #window: BreakerWindow;
  readonly #slowCallDurationMs: number;
  #state: BreakerState = "CLOSED";
  #forced: "OPEN" | "CLOSED" | undefined;
  #trip: BreakerTrip | undefined;
  /** Permits below this one are from before the last transition. While CLOSED it is the permit of every attempt. */
  #firstPermit: BreakerPermit = 1;
  /** The last permit given. */
  #lastPermit: BreakerPermit = 1;
  #baseOpenWindowMs: number;
  #openWindowMs = 0;
  #openedAtMs = 0;
  /** The trials that run and have not been replaced, with the time each began, oldest first. */
  readonly #trials: Map<BreakerPermit, number> = new Map();
  #trialResults = 0;
  #trialFailures = 0;
  #slowTrials = 0;

  constructor(policy: CircuitBreakerPolicy, random: Random, listener?: BreakerListener) {
    this.#policy = policy;
    this.#random = random;
    this.#listener = listener;
    this.#window = new BreakerWindow(policy.counterSlidingWindowMs, policy.counterUpdateIntervalMs);
    this.#slowCallDurationMs = policy.slowCallDurationMs ?? Number.POSITIVE_INFINITY;
    this.#baseOpenWindowMs = policy.circuitOpenWindowMs;
  }

  /** Where the breaker is. An open window that has passed still reads OPEN until an attempt asks for leave. */
  get state(): BreakerState {
    return this.#state;
  }

  /** Asks for leave to make an attempt. Each permit must come back exactly once, through {@link onResult}. */
  tryAcquire(nowMs: number): BreakerPermit {
    return this.#state === "CLOSED" ? this.#firstPermit : this.#tryTrial(nowMs);
  }

  /**
   * Says how an attempt ended and how long it took.
   *
   * @param permit What {@link tryAcquire} returned for it. Results of earlier periods are dropped.
   */
  onResult(permit: BreakerPermit, outcome: Outcome, durationMs: number, nowMs: number): void {
    if (permit < this.#firstPermit) return;
    const slow = durationMs > this.#slowCallDurationMs;
    if (this.#state === "HALF_OPEN") this.#onTrialResult(permit, outcome, slow, nowMs);
    else if (outcome !== "ignore") this.#count(outcome === "failure", slow, nowMs);
  }

  /** Moves the breaker by hand, once: fresh counters when CLOSED, a new open window when OPEN. It goes on from there. */
  enter(state: BreakerState, nowMs: number): void {
    this.#forced = undefined;
    if (state === "CLOSED") this.#close();
    else if (state === "OPEN") this.#open({ kind: "by_hand" }, nowMs);
    else this.#halfOpen();
  }

  /**
   * Holds the breaker OPEN (all attempts are refused) or CLOSED (it counts, and never opens) until it is called with
   * `undefined`. Then a held-open one goes through an ordinary open window and trials, and a held-closed one is judged
   * again by its next failure.
   */
  force(state: "OPEN" | "CLOSED" | undefined, nowMs: number): void {
    if (state === this.#forced) return;
    const was = this.#forced;
    if (state === undefined && was === "CLOSED") {
      this.#forced = undefined;
      return;
    }
    this.enter(state ?? "OPEN", nowMs);
    this.#forced = state;
    if (state === "OPEN") this.#openWindowMs = Number.POSITIVE_INFINITY;
  }

  /** The breaker at this moment. */
  snapshot(nowMs: number): BreakerSnapshot {
    this.#window.advance(nowMs);
    return {
      state: this.#state,
      forced: this.#forced !== undefined,
      total: this.#window.total,
      failures: this.#window.failures,
      slow: this.#window.slow,
      windowMs: this.#policy.counterSlidingWindowMs,
      slowCallDurationMs: this.#policy.slowCallDurationMs,
      trip: this.#trip,
      openWindowMs: this.#state === "CLOSED" ? undefined : this.#openWindowMs,
      nextTrialInMs: this.#nextTrialInMs(nowMs),
    };
  }

  #count(failed: boolean, slow: boolean, nowMs: number): void {
    const window = this.#window;
    window.record(failed, slow, nowMs);
    if (!failed && !slow) return;
    const { minimumRequestThreshold, failureRateThreshold, slowCallRateThreshold } = this.#policy;
    const total = window.total;
    if (total < minimumRequestThreshold || this.#forced === "CLOSED") return;
    if (failed && window.failures / total >= failureRateThreshold) {
      this.#open({ kind: "failures", count: window.failures, total, threshold: failureRateThreshold }, nowMs);
    } else if (slow && window.slow / total >= slowCallRateThreshold) {
      this.#open({ kind: "slow_calls", count: window.slow, total, threshold: slowCallRateThreshold }, nowMs);
    }
  }

  #tryTrial(nowMs: number): BreakerPermit {
    if (this.#state === "OPEN") {
      if (nowMs < this.#openedAtMs + this.#openWindowMs) return refused;
      this.#halfOpen();
    }
    if (this.#trials.size + this.#trialResults >= this.#policy.trialRequests && !this.#giveUpTrial(nowMs))
      return refused;
    this.#lastPermit += 1;
    this.#trials.set(this.#lastPermit, nowMs);
    return this.#lastPermit;
  }

  /** Makes room for another trial when the oldest has not answered for too long. Its late result still counts. */
  #giveUpTrial(nowMs: number): boolean {
    for (const [permit, startedAtMs] of this.#trials) {
      if (nowMs < startedAtMs + this.#policy.trialRequestIntervalMs) return false;
      return this.#trials.delete(permit);
    }
    return false;
  }

  #onTrialResult(permit: BreakerPermit, outcome: Outcome, slow: boolean, nowMs: number): void {
    this.#trials.delete(permit);
    if (outcome === "ignore") return;
    this.#trialResults += 1;
    if (outcome === "failure") this.#trialFailures += 1;
    if (slow) this.#slowTrials += 1;
    const { trialRequests, failureRateThreshold, slowCallRateThreshold } = this.#policy;
    // Against all trials, not the finished ones: it opens as soon as no further success could prevent it.
    const total = trialRequests;
    if (this.#trialFailures / total >= failureRateThreshold) {
      this.#reopen(
        { kind: "failed_trials", count: this.#trialFailures, total, threshold: failureRateThreshold },
        nowMs,
      );
    } else if (this.#slowTrials / total >= slowCallRateThreshold) {
      this.#reopen({ kind: "slow_trials", count: this.#slowTrials, total, threshold: slowCallRateThreshold }, nowMs);
    } else if (this.#trialResults >= total) {
      this.#close();
    }
  }

  #reopen(trip: BreakerTrip, nowMs: number): void {
    const max = this.#policy.maxCircuitOpenWindowMs;
    if (max !== undefined) this.#baseOpenWindowMs = Math.min(this.#baseOpenWindowMs * 2, max);
    this.#open(trip, nowMs);
  }

  #open(trip: BreakerTrip, nowMs: number): void {
    this.#trip = trip;
    this.#openedAtMs = nowMs;
    this.#openWindowMs = jitter(this.#baseOpenWindowMs, this.#policy.openWindowJitter, this.#random());
    this.#moveTo("OPEN");
  }

  #halfOpen(): void {
    this.#trials.clear();
    this.#trialResults = 0;
    this.#trialFailures = 0;
    this.#slowTrials = 0;
    this.#moveTo("HALF_OPEN");
  }

  #close(): void {
    this.#trip = undefined;
    this.#baseOpenWindowMs = this.#policy.circuitOpenWindowMs;
    this.#window.clear();
    this.#moveTo("CLOSED");
  }

  #moveTo(state: BreakerState): void {
    const from = this.#state;
    this.#state = state;
    this.#lastPermit += 1;
    this.#firstPermit = this.#lastPermit;
    if (from !== state) this.#listener?.(state, from);
  }

  #nextTrialInMs(nowMs: number): number | undefined {
    if (this.#state === "CLOSED") return undefined;
    if (this.#state === "OPEN") return Math.max(0, this.#openedAtMs + this.#openWindowMs - nowMs);
    if (this.#trials.size + this.#trialResults < this.#policy.trialRequests) return 0;
    for (const startedAtMs of this.#trials.values()) {
      return Math.max(0, startedAtMs + this.#policy.trialRequestIntervalMs - nowMs);
    }
    return 0;
  }
}
