// SPDX-License-Identifier: Apache-2.0
import type { HedgingPolicy, IdempotencyLevel, RetryPolicy, StatusCode } from "@talaria/contract";
import type { Random, Timer } from "../../runtime/src/clock.ts";
import { type Breaker, type BreakerPermit, refused } from "../../runtime/src/engine/breaker.ts";
import type { FailureOrigin } from "../../runtime/src/engine/failure.ts";
import { Hedging, type HedgingAction } from "../../runtime/src/engine/hedging.ts";
import { breakerOutcome } from "../../runtime/src/engine/outcome.ts";
import { decideRetry } from "../../runtime/src/engine/retry.ts";
import type { RetryThrottle } from "../../runtime/src/engine/retry-throttle.ts";
import type { VirtualClock } from "../../runtime/src/testing/virtual-clock.ts";
import type { ScriptedAttempt, ScriptedServer } from "./scripted-server.ts";

/** A call to make, and the world it is made in. */
export interface CallSetup {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly server: ScriptedServer;
  readonly deadlineMs?: number | undefined;
  readonly idempotencyLevel?: IdempotencyLevel;
  readonly retry?: RetryPolicy | undefined;
  readonly hedging?: HedgingPolicy | undefined;
  readonly throttle?: RetryThrottle | undefined;
  readonly breaker?: Breaker | undefined;
  /** The codes that the breaker counts as failure. */
  readonly failureStatusCodes?: readonly StatusCode[];
}

/** What was seen of a call. All times are milliseconds since it began. */
export interface SimulatedCall {
  readonly final: StatusCode;
  readonly endMs: number;
  /** When each request was sent. */
  readonly starts: readonly number[];
  /** The delays before retries. */
  readonly delays: readonly number[];
  /** `grpc-previous-rpc-attempts` of each request. */
  readonly previousAttempts: readonly (number | null)[];
  /** The indexes of the requests that the client cancelled. */
  readonly cancelled: readonly number[];
}

interface AttemptEnd {
  readonly code: StatusCode;
  readonly origin: FailureOrigin;
  readonly committed?: boolean;
  readonly pushback?: string | readonly string[] | undefined;
}

const cancelled: AttemptEnd = { code: "CANCELLED", origin: "cancelled" };
const deadline: AttemptEnd = { code: "DEADLINE_EXCEEDED", origin: "deadline" };

/** Makes a call on virtual time: the machines of the engine around a scripted server. */
export async function simulateCall(setup: CallSetup): Promise<SimulatedCall> {
  const call = new SimulatedCallDriver(setup);
  call.start();
  while (call.seen === undefined) {
    const stepMs = setup.clock.nextTimerInMs();
    if (stepMs === undefined) throw new Error("the call waits for nothing");
    setup.clock.advance(stepMs);
  }
  return call.seen;
}

class SimulatedCallDriver {
  seen: SimulatedCall | undefined;
  readonly #setup: CallSetup;
  readonly #beganAtMs: number;
  readonly #deadlineAtMs: number;
  readonly #hedging: Hedging | undefined;
  readonly #starts: number[] = [];
  readonly #delays: number[] = [];
  readonly #previousAttempts: (number | null)[] = [];
  readonly #cancelled: number[] = [];
  readonly #timers: Set<Timer> = new Set();
  /** By attempt, from 1: how to end it, and how it ended. */
  readonly #running: Map<number, (how: AttemptEnd) => void> = new Map();
  readonly #ends: Map<number, AttemptEnd> = new Map();
  #hedgingTimer: Timer | undefined;
  #backoffStep = 0;
  #refusedOnce = false;

  constructor(setup: CallSetup) {
    this.#setup = setup;
    this.#beganAtMs = setup.clock.nowMs();
    this.#deadlineAtMs = this.#beganAtMs + (setup.deadlineMs ?? Number.POSITIVE_INFINITY);
    this.#hedging = setup.hedging && new Hedging(setup.hedging, setup.throttle);
  }

  start(): void {
    if (this.#setup.deadlineMs !== undefined)
      this.#after(this.#setup.deadlineMs, () => this.#finish("DEADLINE_EXCEEDED", deadline));
    if (this.#hedging === undefined) this.#attempt(1);
    else this.#act(this.#hedging.start(this.#remainingMs()));
  }

  #remainingMs(): number {
    return this.#deadlineAtMs - this.#setup.clock.nowMs();
  }

  #attempt(attempt: number): void {
    const permit = this.#setup.breaker?.tryAcquire(this.#setup.clock.nowMs());
    if (permit === refused) this.#settle(attempt, { code: "UNAVAILABLE", origin: "breaker" });
    else this.#request(attempt, permit);
  }

  /** Sends the request of an attempt; again when the channel may do so by itself. */
  #request(attempt: number, permit: BreakerPermit | undefined): void {
    const { clock, server, retry } = this.#setup;
    const index = this.#starts.length;
    const script = server(index);
    const startedAtMs = clock.nowMs();
    this.#starts.push(startedAtMs - this.#beganAtMs);
    this.#previousAttempts.push(attempt === 1 ? null : attempt - 1);
    const end = (how: AttemptEnd): void => {
      this.#running.delete(attempt);
      if (how.origin === "cancelled") this.#cancelled.push(index);
      this.#stop(answered);
      this.#stop(timeout);
      this.#report(permit, how, clock.nowMs() - startedAtMs);
      this.#settle(attempt, how);
    };
    this.#running.set(attempt, end);
    const answered = this.#after(script.latencyMs, () => {
      if (this.#isResent(script)) {
        this.#stop(timeout);
        this.#request(attempt, permit);
      } else {
        end(script);
      }
    });
    const timeoutMs = retry?.perAttemptTimeoutMs;
    const timeout =
      timeoutMs === undefined
        ? undefined
        : this.#after(timeoutMs, () => end({ code: "DEADLINE_EXCEEDED", origin: "attempt_timeout" }));
  }

  #isResent({ transparentRetry }: ScriptedAttempt): boolean {
    if (transparentRetry === "always") return true;
    if (transparentRetry === "never" || this.#refusedOnce) return false;
    this.#refusedOnce = true;
    return true;
  }

  #report(permit: BreakerPermit | undefined, { code, origin }: AttemptEnd, durationMs: number): void {
    const { breaker, clock, failureStatusCodes = [] } = this.#setup;
    if (permit === undefined) return;
    breaker?.onResult(permit, breakerOutcome(code, origin, failureStatusCodes, "contract"), durationMs, clock.nowMs());
  }

  #settle(attempt: number, end: AttemptEnd): void {
    if (this.seen !== undefined) return;
    this.#ends.set(attempt, end);
    if (end.code === "OK") this.#setup.throttle?.onSuccess();
    if (this.#hedging !== undefined) this.#settleHedge(this.#hedging, attempt, end);
    else if (end.code === "OK") this.#finish("OK");
    else this.#settleRetry(attempt, end);
  }

  #settleHedge(hedging: Hedging, attempt: number, end: AttemptEnd): void {
    const won = end.code === "OK";
    this.#act(won ? hedging.onSuccess(attempt) : hedging.onFailure(attempt, end, this.#remainingMs()));
  }

  #settleRetry(attempt: number, end: AttemptEnd): void {
    const { retry: policy, throttle, random, idempotencyLevel = "IDEMPOTENT" } = this.#setup;
    const decision = decideRetry({ policy, throttle, random, idempotencyLevel }, end, {
      attempts: attempt,
      backoffStep: this.#backoffStep,
      remainingMs: this.#remainingMs(),
    });
    if (decision.kind === "stop") {
      this.#finish(this.#lastRealCode(attempt, end));
    } else {
      this.#backoffStep = decision.backoffStep;
      this.#delays.push(decision.delayMs);
      this.#after(decision.delayMs, () => this.#attempt(attempt + 1));
    }
  }

  /** What the server last said tells the caller more than the breaker that then opened. */
  #lastRealCode(attempt: number, end: AttemptEnd): StatusCode {
    return (end.origin === "breaker" ? this.#ends.get(attempt - 1)?.code : undefined) ?? end.code;
  }

  #act(actions: readonly HedgingAction[]): void {
    for (const action of actions) {
      if (action.kind === "start") this.#attempt(action.attempt);
      else if (action.kind === "cancel") this.#running.get(action.attempt)?.(cancelled);
      else if (action.kind === "finish") this.#finish(this.#ends.get(action.attempt)?.code ?? "UNKNOWN");
      else {
        this.#stop(this.#hedgingTimer);
        if (action.kind === "stop_waiting") continue;
        this.#hedgingTimer = this.#after(action.delayMs, () =>
          this.#act(this.#hedging?.onDelay(this.#remainingMs()) ?? []),
        );
      }
    }
  }

  #finish(final: StatusCode, rest: AttemptEnd = cancelled): void {
    this.seen = {
      final,
      endMs: this.#setup.clock.nowMs() - this.#beganAtMs,
      starts: this.#starts,
      delays: this.#delays,
      previousAttempts: this.#previousAttempts,
      cancelled: this.#cancelled,
    };
    for (const end of [...this.#running.values()]) end(rest);
    for (const timer of this.#timers) this.#setup.clock.clearTimer(timer);
  }

  #after(delayMs: number, task: () => void): Timer {
    const timer = this.#setup.clock.setTimer(task, delayMs);
    this.#timers.add(timer);
    return timer;
  }

  #stop(timer: Timer | undefined): void {
    if (timer !== undefined) this.#setup.clock.clearTimer(timer);
  }
}
