// SPDX-License-Identifier: Apache-2.0
import type { ConnectError } from "@connectrpc/connect";
import type { MethodPolicy } from "@talaria/contract";
import { breakerRefusal, callFailure, concurrencyRefusal, overrideRefusal } from "./call-failure.ts";
import { type CallOutcome, describeOutcome } from "./call-outcome.ts";
import type { CallLimits, Carrier } from "./carrier.ts";
import type { CallCredentials } from "./credentials/authenticate.ts";
import { awaitToken } from "./credentials/await-token.ts";
import type { AttemptAction, AttemptPlan } from "./engine/attempt-plan.ts";
import { refused } from "./engine/breaker.ts";
import { type DeadlineSource, deadlineSource, effectiveTimeoutMs } from "./engine/deadline.ts";
import type { FailureOrigin } from "./engine/failure.ts";
import { planAttempts } from "./engine/plan-attempts.ts";
import type { NoRetryReason } from "./engine/retry.ts";
import type { AttemptRecord, CallError } from "./error.ts";
import { GuardedAttempt, lastFailureOf } from "./guarded-attempt.ts";
import type { GuardedMethod } from "./guarded-method.ts";
import type { CallObserver } from "./observer.ts";
import { statusCodeName } from "./status-code.ts";
import type { AttemptEnd, HeaderInit } from "./wire.ts";

const noneFailed: readonly AttemptRecord[] = [];

/**
 * One call on its way through the policies. This module is the only place that fixes their order:
 *
 *     call -> deadline -> credentials -> retry or hedging -> circuit breaker -> concurrency limit -> attempt -> server
 *
 * On the way back each hears how the attempt ended, innermost first. It moves no messages: that is its carrier's part.
 */
export class GuardedCall {
  readonly method: GuardedMethod;
  /** The policy it began with, whatever overrides make of the method's meanwhile. */
  readonly policy: MethodPolicy;
  /** Whose limit the deadline is. */
  readonly deadlineSetBy: DeadlineSource | undefined;
  /** How long the whole call may take; `Infinity` when nothing limits it. */
  readonly timeoutMs: number;
  /** The request headers of its attempts. */
  header: HeaderInit;
  /** How many attempts were let through. */
  attempts = 0;
  /** The attempts that failed, in order. */
  failed: readonly AttemptRecord[] = noneFailed;
  readonly #carrier: Carrier;
  readonly #plan: AttemptPlan;
  readonly #observer: CallObserver | undefined;
  readonly #startedAtMs: number;
  readonly #attempts: GuardedAttempt[] = [];
  readonly #deadlineAtMs: number;
  #stopWait: (() => void) | undefined;
  #winner: GuardedAttempt | undefined;
  #ended = false;
  #resent = false;

  constructor(method: GuardedMethod, carrier: Carrier, limits: CallLimits) {
    const { contractTimeoutMs, callerTimeoutMs, inheritedTimeoutMs, elapsedMs = 0, singleAttempt } = limits;
    this.method = method;
    this.policy = method.policy;
    this.#carrier = carrier;
    this.header = carrier.options.headers;
    this.timeoutMs = effectiveTimeoutMs(callerTimeoutMs, inheritedTimeoutMs, contractTimeoutMs);
    this.deadlineSetBy = deadlineSource(callerTimeoutMs, inheritedTimeoutMs, contractTimeoutMs);
    this.#startedAtMs = method.clock.nowMs() - elapsedMs;
    this.#deadlineAtMs = this.#startedAtMs + this.timeoutMs;
    this.#plan = planAttempts(method.policy.hedging, method.retry, singleAttempt);
    this.#observer = method.observer?.startCall();
  }

  /** A response message has reached the caller: the call can only end as that attempt ends. */
  get responseStarted(): boolean {
    return this.#winner !== undefined;
  }

  /** How the last attempt failed that did not fail by the deadline: the cause behind it. */
  get lastCause(): ConnectError | undefined {
    const cause = this.#attempts.findLast(({ end }) => end !== undefined && end.code !== 0 && end.kind !== "timeout");
    return cause?.end?.error();
  }

  /** Whether a refused request may be sent again without a further attempt: the first time only. */
  takeResend(): boolean {
    const first = !this.#resent;
    this.#resent = true;
    return first;
  }

  start(): void {
    const { credentials } = this.method;
    if (this.#carrier.options.isLate) {
      this.#fail("interceptors did not let it in", "deadline");
    } else if (credentials === undefined) {
      this.#act(this.#plan.start(this.#remainingMs()));
    } else {
      this.#authenticate(credentials);
    }
  }

  /** A response message arrived: the call is committed to this attempt, and for the breaker the attempt has succeeded. */
  commit(attempt: GuardedAttempt): void {
    const nowMs = this.method.clock.nowMs();
    attempt.committed = true;
    attempt.judge("success", nowMs);
    if (this.#winner === undefined) {
      this.#act(this.#plan.onSuccess(attempt.number));
    }
  }

  /** The request cannot be sent again: the call ends as this attempt ends. */
  commitRequest(attempt: GuardedAttempt): void {
    this.#act(this.#plan.onCommitted(attempt.number));
  }

  /**
   * An attempt ended: returns its permits, tells breaker and throttle, and does what follows. Returns the failure of a call
   * that was committed to this attempt, for its carrier to pass on.
   */
  onEnd(attempt: GuardedAttempt, wireEnd: AttemptEnd): CallError | undefined {
    const nowMs = this.method.clock.nowMs();
    const end = attempt.endAs(wireEnd);
    const origin = attempt.originOf(end);
    attempt.settle(end.code, origin, nowMs);
    if (end.kind === "timeout") {
      this.method.wire.onTimeout?.(end.peer);
    }
    // A copy that lost against another says nothing about the call.
    if (this.#ended || origin === "cancelled") {
      return undefined;
    }
    if (end.code === 0) {
      this.method.retry.throttle?.onSuccess();
    } else {
      this.failed = [...this.failed, attempt.recordOf(end, nowMs)];
    }
    if (this.#winner === attempt) {
      this.#ended = true;
      return end.code === 0 ? undefined : callFailure(this, end.error(), origin, "committed");
    }
    if (end.code === 0) {
      this.#act(this.#plan.onSuccess(attempt.number));
    } else {
      const { committed } = this.#carrier;
      const failure = { code: statusCodeName(end.code), origin, committed, pushback: end.pushback };
      this.#act(this.#plan.onFailure(attempt.number, failure, this.#remainingMs()));
    }
    return undefined;
  }

  /** Ends the call before its attempts do, e.g. because the caller cancelled. */
  abandon(): void {
    this.#ended = true;
    this.#stopWaiting();
    const nowMs = this.method.clock.nowMs();
    for (const attempt of this.#attempts) {
      attempt.settle(1, "cancelled", nowMs);
      attempt.cancel();
    }
  }

  /** The call has ended, as its caller is told next. */
  onCallEnd(outcome: CallOutcome): void {
    if (this.#observer !== undefined) {
      const durationMs = this.method.clock.nowMs() - this.#startedAtMs;
      this.#observer.onEnd({ ...describeOutcome(outcome), durationMs, throttled: this.#plan.throttled });
    }
  }

  /** Gets the token of the call; the time that takes is the call's. */
  #authenticate(credentials: CallCredentials): void {
    const waiting = { clock: this.method.clock, header: this.header, timeoutMs: this.#remainingMs() };
    const onHeader = (header: Headers): void => {
      this.header = header;
      this.#act(this.#plan.start(this.#remainingMs()));
    };
    this.#stopWait = awaitToken(credentials, waiting, onHeader, (error, origin) => this.#fail(error, origin));
  }

  #fail(error: unknown, origin: FailureOrigin): void {
    this.abandon();
    this.#carrier.onFailure(callFailure(this, error, origin, undefined));
  }

  #act(actions: readonly AttemptAction[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case "start":
          this.#start(action.attempt);
          break;
        case "wait":
          this.#wait(action.delayMs);
          break;
        case "stop_waiting":
          this.#stopWaiting();
          break;
        case "cancel":
          this.#attempts[action.attempt - 1]?.cancel();
          break;
        case "finish":
          this.#finish(action.attempt, action.why);
          break;
      }
    }
  }

  #start(number: number): void {
    const remainingMs = this.#remainingMs();
    const attempt = new GuardedAttempt(this, this.#carrier, number, remainingMs);
    this.#attempts.push(attempt);
    const origin = remainingMs > 0 ? this.#admit(attempt) : "deadline";
    if (origin !== undefined) {
      this.#act(this.#plan.onFailure(number, { code: "UNAVAILABLE", origin }, remainingMs));
      return;
    }
    this.attempts += 1;
    attempt.observer = this.#observer?.startAttempt({ number, kind: number === 1 ? "first" : this.#plan.furtherKind });
    try {
      this.#carrier.startAttempt(attempt);
    } catch (error) {
      this.#fail(error, "local");
    }
  }

  /** Asks breaker and limit for leave to start an attempt. Says who refused it, or nothing when it may start. */
  #admit(attempt: GuardedAttempt): FailureOrigin | undefined {
    const { breaker, breakerHeld, limit, policy } = this.method;
    const nowMs = attempt.startedAtMs;
    if (breakerHeld === "open") {
      attempt.refusal = overrideRefusal(this);
      this.#observer?.onRefused("circuit_breaker");
      return "breaker";
    }
    if (breaker !== undefined) {
      attempt.permit = breaker.tryAcquire(nowMs);
      if (attempt.permit === refused && breakerHeld !== "closed") {
        attempt.refusal = breakerRefusal(this, breaker.snapshot(nowMs), lastFailureOf(breaker));
        this.#observer?.onRefused("circuit_breaker");
        return "breaker";
      }
    }
    const { maxConcurrentRequests: most = Number.POSITIVE_INFINITY } = policy;
    if (limit !== undefined && !limit.tryAcquire(most)) {
      attempt.judge("ignore", nowMs);
      attempt.refusal = concurrencyRefusal(this, most);
      this.#observer?.onRefused("concurrency_limit");
      return "local";
    }
    attempt.inFlight = true;
    return undefined;
  }

  #wait(delayMs: number): void {
    this.#stopWaiting();
    if (this.#plan.furtherKind === "retry") {
      this.#observer?.onRetry(delayMs);
    }
    const { clock } = this.method;
    const timer = clock.setTimer(() => {
      this.#stopWait = undefined;
      this.#act(this.#plan.onDelay(this.#remainingMs()));
    }, delayMs);
    this.#stopWait = () => clock.clearTimer(timer);
  }

  #stopWaiting(): void {
    this.#stopWait?.();
    this.#stopWait = undefined;
  }

  #finish(number: number, why: NoRetryReason | undefined): void {
    const attempt = this.#attempts[number - 1];
    if (attempt === undefined) {
      return;
    }
    if (attempt.hasSucceeded) {
      this.#winner = attempt;
      this.#ended = attempt.end !== undefined;
      this.#carrier.onWinner(attempt);
    } else {
      this.#ended = true;
      this.#carrier.onFailure(this.#failureOf(attempt, why));
    }
  }

  /** After a refusal, the failure of the attempt before says more, when there was one. */
  #failureOf(attempt: GuardedAttempt, why: NoRetryReason | undefined): CallError {
    const telling =
      attempt.refusal === undefined
        ? attempt
        : this.#attempts.findLast(({ end }) => end !== undefined && end.code !== 0);
    if (telling?.end === undefined) {
      return attempt.refusal ?? callFailure(this, "nothing was sent", "deadline", why);
    }
    return callFailure(this, telling.end.error(), telling.originOf(telling.end), why);
  }

  #remainingMs(): number {
    return this.#deadlineAtMs - this.method.clock.nowMs();
  }
}
