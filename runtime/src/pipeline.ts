// SPDX-License-Identifier: Apache-2.0
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, type ConnectError } from "@connectrpc/connect";
import type { MethodPolicy } from "@talaria/contract";
import { breakerRefusal, callFailure, concurrencyRefusal } from "./call-failure.ts";
import type { Clock, Random } from "./clock.ts";
import { type Breaker, type BreakerPermit, refused } from "./engine/breaker.ts";
import type { ConcurrencyLimit } from "./engine/concurrency-limit.ts";
import { type DeadlineSource, deadlineSource, effectiveTimeoutMs } from "./engine/deadline.ts";
import type { FailureOrigin } from "./engine/failure.ts";
import { breakerOutcome } from "./engine/outcome.ts";
import { decideRetry, type RetryRules } from "./engine/retry.ts";
import type { AttemptRecord, CallError } from "./error.ts";
import type { ClientLifetime } from "./lifetime.ts";
import { statusCodeName } from "./status-code.ts";
import type { AttemptEnd, Wire } from "./wire.ts";

/** A method of an open client, with what guards its calls. Breaker, throttle and limit are shared within the process. */
export interface GuardedMethod {
  readonly desc: DescMethod;
  readonly policy: MethodPolicy;
  /** What the method is called in messages, e.g. `shop.orders.v1.OrderService/GetOrder`. */
  readonly name: string;
  /** What the breaker is called in messages: the method, or the service. */
  readonly breakerName: string;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly random: Random;
  readonly lifetime: ClientLifetime;
  readonly breaker: Breaker | undefined;
  readonly limit: ConcurrencyLimit | undefined;
  readonly retry: RetryRules;
}

/** What follows the end of an attempt. */
export type NextStep =
  | { readonly kind: "done" }
  | { readonly kind: "retry"; readonly delayMs: number }
  | { readonly kind: "failed"; readonly error: CallError };

const done: NextStep = { kind: "done" };
const noneFailed: readonly AttemptRecord[] = [];

/**
 * One call on its way through the policies. This module is the only place that fixes their order:
 *
 *     call -> deadline -> retry -> circuit breaker -> concurrency limit -> attempt -> server
 *
 * On the way back each hears how the attempt ended, innermost first. It moves no messages: the drivers of unary and
 * streaming calls do, and ask here before an attempt (`admit`) and after it (`settle`).
 */
export class GuardedCall {
  readonly method: GuardedMethod;
  /** When the call ends at the latest; `Infinity` when nothing limits it. */
  readonly deadlineAtMs: number;
  /** Whose limit that is. */
  readonly deadlineSetBy: DeadlineSource | undefined;
  /** How long the whole call may take; `Infinity` when nothing limits it. */
  readonly timeoutMs: number;
  /** Attempts started. */
  attempts = 0;
  /** Those that failed, in order. */
  failed: readonly AttemptRecord[] = noneFailed;
  /** How the last of them failed. */
  lastError: ConnectError | undefined;
  #backoffStep = 0;
  #permit: BreakerPermit = refused;
  #inFlight = false;
  #attemptStartedAtMs = 0;
  #attemptLimit: FailureOrigin = "deadline";
  #lastOrigin: FailureOrigin = "server";

  constructor(method: GuardedMethod, contractTimeoutMs: number | undefined, callerTimeoutMs: number | undefined) {
    const nowMs = method.clock.nowMs();
    this.method = method;
    this.timeoutMs = effectiveTimeoutMs(callerTimeoutMs, undefined, contractTimeoutMs);
    this.deadlineSetBy = deadlineSource(callerTimeoutMs, undefined, contractTimeoutMs);
    this.deadlineAtMs = nowMs + this.timeoutMs;
  }

  /**
   * Asks breaker and limit for leave to start an attempt. Returns the refusal, or nothing when the attempt may start. When
   * there was an attempt before, its failure says more than the refusal, so that is what is returned.
   */
  admit(): CallError | undefined {
    const { breaker, limit, clock } = this.method;
    const nowMs = clock.nowMs();
    if (breaker !== undefined) {
      this.#permit = breaker.tryAcquire(nowMs);
      if (this.#permit === refused) {
        return this.#lastFailure ?? breakerRefusal(this, breaker.snapshot(nowMs));
      }
    }
    if (limit !== undefined && !limit.tryAcquire()) {
      breaker?.onResult(this.#permit, "ignore", 0, nowMs);
      return this.#lastFailure ?? concurrencyRefusal(this, limit.max);
    }
    this.#inFlight = true;
    this.#attemptStartedAtMs = nowMs;
    this.attempts += 1;
    return undefined;
  }

  /** How long the attempt that was admitted may take: what is left of the call, or less if the contract says so. */
  attemptTimeoutMs(): number | undefined {
    const remainingMs = Math.max(0, this.deadlineAtMs - this.#attemptStartedAtMs);
    const perAttemptMs = this.method.policy.retry?.perAttemptTimeoutMs ?? Number.POSITIVE_INFINITY;
    this.#attemptLimit = perAttemptMs < remainingMs ? "attempt_timeout" : "deadline";
    const timeoutMs = Math.min(perAttemptMs, remainingMs);
    return timeoutMs === Number.POSITIVE_INFINITY ? undefined : timeoutMs;
  }

  /** A response message arrived: for the breaker the attempt has succeeded, however its stream ends. */
  succeedEarly(): void {
    const { breaker, clock } = this.method;
    if (this.#permit !== refused && breaker !== undefined) {
      const nowMs = clock.nowMs();
      breaker.onResult(this.#permit, "success", nowMs - this.#attemptStartedAtMs, nowMs);
      this.#permit = refused;
    }
  }

  /**
   * An attempt ended: returns permits, tells breaker and throttle, and decides what follows.
   *
   * @param committed A response message had reached the caller, or the request cannot be sent again.
   */
  settle(end: AttemptEnd, committed: boolean): NextStep {
    const nowMs = this.method.clock.nowMs();
    const origin = end.kind === "timeout" ? this.#attemptLimit : end.kind;
    this.#giveBack(end.code, origin, nowMs);
    if (end.code === 0) {
      this.method.retry.throttle?.onSuccess();
      return done;
    }
    this.#record(end, nowMs);
    const decision = decideRetry(
      this.method.retry,
      { code: statusCodeName(end.code), origin, committed, pushback: end.pushback },
      { attempts: this.attempts, backoffStep: this.#backoffStep, remainingMs: this.deadlineAtMs - nowMs },
    );
    const last = end.error();
    if (decision.kind === "stop") {
      return { kind: "failed", error: callFailure(this, last, origin, decision.why) };
    }
    this.lastError = last;
    this.#lastOrigin = origin;
    this.#backoffStep = decision.backoffStep;
    return decision;
  }

  /** The attempt is abandoned without a verdict, e.g. because the caller cancelled. Returns its permits. */
  abandon(): void {
    this.#giveBack(Code.Canceled, "cancelled", this.method.clock.nowMs());
  }

  get #lastFailure(): CallError | undefined {
    return this.lastError === undefined ? undefined : callFailure(this, this.lastError, this.#lastOrigin, undefined);
  }

  #giveBack(code: number, origin: FailureOrigin, nowMs: number): void {
    const { breaker, limit, policy } = this.method;
    if (!this.#inFlight) {
      return;
    }
    this.#inFlight = false;
    limit?.release();
    if (breaker !== undefined && this.#permit !== refused) {
      const codes = policy.circuitBreaker?.failureStatusCodes ?? [];
      const outcome = code === 0 ? "success" : breakerOutcome(statusCodeName(code), origin, codes, this.deadlineSetBy);
      breaker.onResult(this.#permit, outcome, nowMs - this.#attemptStartedAtMs, nowMs);
      this.#permit = refused;
    }
  }

  #record(end: AttemptEnd, nowMs: number): void {
    const record = { code: statusCodeName(end.code), durationMs: Math.round(nowMs - this.#attemptStartedAtMs) };
    this.failed = [...this.failed, end.peer === undefined ? record : { peer: end.peer, ...record }];
  }
}
