// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import type { MethodPolicy } from "@talaria/contract";
import { breakerRefusal, callFailure, concurrencyRefusal, overrideRefusal } from "./call-failure.ts";
import type { Clock, Random, Timer } from "./clock.ts";
import { authorizedHeader, type CallCredentials } from "./credentials/authenticate.ts";
import type { AttemptAction, AttemptPlan } from "./engine/attempt-plan.ts";
import { type Breaker, refused } from "./engine/breaker.ts";
import type { ConcurrencyLimit } from "./engine/concurrency-limit.ts";
import { type DeadlineSource, deadlineSource, effectiveTimeoutMs } from "./engine/deadline.ts";
import type { FailureOrigin } from "./engine/failure.ts";
import { Hedging } from "./engine/hedging.ts";
import { breakerOutcome } from "./engine/outcome.ts";
import type { NoRetryReason, RetryRules } from "./engine/retry.ts";
import { Retrying } from "./engine/retrying.ts";
import { type AttemptRecord, CallError } from "./error.ts";
import { GuardedAttempt } from "./guarded-attempt.ts";
import type { ClientLifetime } from "./lifetime.ts";
import type { AttemptStart, CallEnd, CallObserver, MethodObserver } from "./observer.ts";
import { statusCodeName } from "./status-code.ts";
import type { AttemptEnd, HeaderInit, Wire } from "./wire.ts";

/** A method of an open client, with what guards its calls. Breaker, throttle and limit are shared within the process. */
export interface GuardedMethod {
  readonly desc: DescMethod;
  /** What the contract says, or what overrides of the process make of it. */
  policy: MethodPolicy;
  /** What the method is called in messages, e.g. `shop.orders.v1.OrderService/GetOrder`. */
  readonly name: string;
  /** What the breaker is called in messages: the method, or the service. */
  readonly breakerName: string;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly random: Random;
  readonly lifetime: ClientLifetime;
  readonly breaker: Breaker | undefined;
  /** Overrides of the process hold the breaker so, whatever it counts. */
  breakerHeld: "open" | "closed" | undefined;
  readonly limit: ConcurrencyLimit | undefined;
  /** How its calls say who makes them. */
  readonly credentials: CallCredentials | undefined;
  retry: RetryRules;
  /** Hears of its calls. */
  observer?: MethodObserver | undefined;
}

/** What moves the messages of a call. */
export interface Carrier {
  /** What the application called with. */
  readonly options: CallOptions;
  /** A response message has reached the caller, or the request cannot be sent again. */
  readonly committed: boolean;
  /** Start an attempt on the wire and set its `handle`. May throw; the call then fails with what was thrown. */
  startAttempt(attempt: GuardedAttempt): void;
  /** The call goes on, or ends, as this attempt: it succeeded. All others were cancelled. */
  onWinner(attempt: GuardedAttempt): void;
  /** The call has failed. */
  onFailure(error: CallError): void;
}

/** What limits the time of a call, and how it is tried again. */
export interface CallLimits {
  /** What the contract allows. */
  readonly contractTimeoutMs: number | undefined;
  /** What the caller asked for. */
  readonly callerTimeoutMs: number | undefined;
  /** What is left of the deadline of the call being served. */
  readonly inheritedTimeoutMs: number | undefined;
  /** How long ago the call was made: all of its time runs since then. Absent: it is made now. */
  readonly elapsedMs?: number | undefined;
  /** The caller wants one attempt only. */
  readonly singleAttempt: boolean;
}

/** How a call ended for its caller; `left`: nobody reads its messages any more. */
export type CallOutcome = "ok" | "left" | { readonly error: unknown };

const noneFailed: readonly AttemptRecord[] = [];

/** The last failure that a breaker saw, of whichever call: what a refusal names as its cause. */
const lastFailures = new WeakMap<Breaker, AttemptEnd>();

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
  /** The attempts that failed, in order. */
  failed: readonly AttemptRecord[] = noneFailed;
  readonly #carrier: Carrier;
  readonly #plan: AttemptPlan;
  readonly #observer: CallObserver | undefined;
  readonly #startedAtMs: number;
  readonly #attempts: GuardedAttempt[] = [];
  readonly #deadlineAtMs: number;
  #waiting: Timer | undefined;
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
    this.#plan = planOf(method, singleAttempt);
    this.#observer = method.observer?.startCall();
  }

  /** How many attempts were started. */
  get attempts(): number {
    return this.#attempts.length;
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
    if (credentials === undefined) {
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
    this.#settle(attempt, end.code, origin, nowMs);
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
      this.#record(attempt, end, nowMs);
    }
    if (this.#winner === attempt) {
      this.#ended = true;
      return end.code === 0 ? undefined : callFailure(this, end.error(), origin, "committed");
    }
    if (end.code === 0) {
      this.#act(this.#plan.onSuccess(attempt.number));
    } else {
      const failure = {
        code: statusCodeName(end.code),
        origin,
        committed: this.#carrier.committed,
        pushback: end.pushback,
      };
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
      this.#settle(attempt, 1, "cancelled", nowMs);
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
    if (this.timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#waiting = this.method.clock.setTimer(() => {
        const late = new ConnectError("the credentials provider did not answer in time", Code.DeadlineExceeded);
        this.#giveUp(late, "deadline");
      }, this.timeoutMs);
    }
    authorizedHeader(this.#carrier.options.headers, credentials).then(
      (header) => {
        if (!this.#ended) {
          this.#stopWaiting();
          this.header = header;
          this.#act(this.#plan.start(this.#remainingMs()));
        }
      },
      (error) => this.#giveUp(error, "local"),
    );
  }

  /** Fails the call before its first attempt. */
  #giveUp(error: unknown, origin: FailureOrigin): void {
    if (!this.#ended) {
      this.abandon();
      this.#carrier.onFailure(callFailure(this, error, origin, undefined));
    }
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
    if (this.#observer !== undefined) {
      attempt.observer = this.#observer.startAttempt({ number, kind: this.#kindOf(number) });
    }
    try {
      this.#carrier.startAttempt(attempt);
    } catch (error) {
      this.abandon();
      this.#carrier.onFailure(callFailure(this, error, "local", undefined));
    }
  }

  /** Asks breaker and limit for leave to start an attempt. Says who refused it, or nothing when it may start. */
  #admit(attempt: GuardedAttempt): FailureOrigin | undefined {
    const { breaker, breakerHeld, limit } = this.method;
    const nowMs = attempt.startedAtMs;
    if (breakerHeld === "open") {
      attempt.refusal = overrideRefusal(this);
      this.#observer?.onRefused("circuit_breaker");
      return "breaker";
    }
    if (breaker !== undefined) {
      attempt.permit = breaker.tryAcquire(nowMs);
      if (attempt.permit === refused && breakerHeld !== "closed") {
        attempt.refusal = breakerRefusal(this, breaker.snapshot(nowMs), lastFailures.get(breaker)?.error());
        this.#observer?.onRefused("circuit_breaker");
        return "breaker";
      }
    }
    if (limit !== undefined && !limit.tryAcquire()) {
      attempt.judge("ignore", nowMs);
      attempt.refusal = concurrencyRefusal(this, limit.max);
      this.#observer?.onRefused("concurrency_limit");
      return "local";
    }
    attempt.inFlight = true;
    return undefined;
  }

  #wait(delayMs: number): void {
    this.#stopWaiting();
    if (this.#observer !== undefined && !(this.#plan instanceof Hedging)) {
      this.#observer.onRetry(delayMs);
    }
    this.#waiting = this.method.clock.setTimer(() => {
      this.#waiting = undefined;
      this.#act(this.#plan.onDelay(this.#remainingMs()));
    }, delayMs);
  }

  #stopWaiting(): void {
    if (this.#waiting !== undefined) {
      this.method.clock.clearTimer(this.#waiting);
      this.#waiting = undefined;
    }
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

  #settle(attempt: GuardedAttempt, code: number, origin: FailureOrigin, nowMs: number): void {
    if (attempt.inFlight) {
      attempt.inFlight = false;
      attempt.observer?.onEnd({
        code: statusCodeName(code),
        peer: attempt.end?.peer,
        durationMs: nowMs - attempt.startedAtMs,
      });
      this.method.limit?.release();
      if (this.method.breaker !== undefined) {
        const codes = this.method.policy.circuitBreaker?.failureStatusCodes ?? [];
        const outcome =
          code === 0 ? "success" : breakerOutcome(statusCodeName(code), origin, codes, this.deadlineSetBy);
        if (outcome === "failure" && attempt.end !== undefined) {
          lastFailures.set(this.method.breaker, attempt.end);
        }
        attempt.judge(outcome, nowMs);
      }
    }
  }

  #record(attempt: GuardedAttempt, end: AttemptEnd, nowMs: number): void {
    const record = { code: statusCodeName(end.code), durationMs: Math.round(nowMs - attempt.startedAtMs) };
    this.failed = [...this.failed, end.peer === undefined ? record : { peer: end.peer, ...record }];
  }

  #kindOf(number: number): AttemptStart["kind"] {
    if (number === 1) {
      return "first";
    }
    return this.#plan instanceof Hedging ? "hedge" : "retry";
  }

  #remainingMs(): number {
    return this.#deadlineAtMs - this.method.clock.nowMs();
  }
}

function describeOutcome(outcome: CallOutcome): Pick<CallEnd, "code" | "reason"> {
  if (outcome === "ok") {
    return { code: "OK", reason: undefined };
  }
  if (outcome === "left") {
    return { code: "CANCELLED", reason: "cancelled" };
  }
  const { error } = outcome;
  // What is no CallError was thrown by the application's own callback.
  return error instanceof CallError
    ? { code: statusCodeName(error.code), reason: error.reason }
    : { code: statusCodeName(ConnectError.from(error).code), reason: "local" };
}

function planOf({ policy, retry }: GuardedMethod, singleAttempt: boolean): AttemptPlan {
  if (singleAttempt) {
    return new Retrying({ ...retry, policy: undefined });
  }
  return policy.hedging === undefined ? new Retrying(retry) : new Hedging(policy.hedging, retry.throttle);
}
