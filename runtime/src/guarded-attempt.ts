// SPDX-License-Identifier: Apache-2.0
import { type CallOptions, Code, ConnectError, type ContextValues } from "@connectrpc/connect";
import type { MethodPolicy } from "@talaria/contract";
import type { Carrier } from "./carrier.ts";
import { type Breaker, type BreakerPermit, refused } from "./engine/breaker.ts";
import type { FailureOrigin } from "./engine/failure.ts";
import { breakerOutcome, type Outcome } from "./engine/outcome.ts";
import type { AttemptRecord, CallError } from "./error.ts";
import type { AttemptObserver, HeaderPair } from "./observer.ts";
import { contractPolicyOf } from "./overrides/departure.ts";
import type { GuardedCall } from "./pipeline.ts";
import { statusCodeName } from "./status-code.ts";
import type { AttemptEnd, AttemptHandle, AttemptOptions, HeaderInit, UnaryObserver } from "./wire.ts";

/** One attempt of a call: what it was given, and what it has to give back. */
export class GuardedAttempt implements AttemptOptions, UnaryObserver {
  readonly call: GuardedCall;
  /** From 1. */
  readonly number: number;
  readonly #options: CallOptions;
  readonly startedAtMs: number;
  /** How long it may take; for a streaming response, until its first message. Absent: as long as it likes. */
  readonly limitMs: number | undefined;
  /** What the wire is told. The carrier of a stream changes it to the time of the whole stream. */
  timeoutMs: number | undefined;
  readonly #limitedBy: "deadline" | "attempt_timeout";
  /** Set while it is on the wire. */
  handle: AttemptHandle | undefined;
  /** It was let through and has not given back its permits. */
  inFlight = false;
  permit: BreakerPermit = refused;
  /** Hears of it. */
  observer: AttemptObserver | undefined;
  /** Set when it was not let through. */
  refusal: CallError | undefined;
  /** It brought a response message. */
  committed = false;
  /** It was given up. */
  cancelled = false;
  /** Set when it has ended. */
  end: AttemptEnd | undefined;
  #timedOut = false;
  /** Made once: a wire may ask for it more than once, and to join headers is dear. */
  #header: HeaderInit;

  constructor(call: GuardedCall, carrier: Carrier, number: number, remainingMs: number) {
    const perAttemptMs = perAttemptTimeoutMs(call.policy);
    // Whole milliseconds, as protocols have them; rounded up, so that the server is never told less than we wait.
    const limitMs = Math.ceil(Math.min(perAttemptMs, Math.max(0, remainingMs)));
    this.call = call;
    this.number = number;
    this.#options = carrier.options;
    this.startedAtMs = call.method.clock.nowMs();
    this.limitMs = limitMs === Number.POSITIVE_INFINITY ? undefined : limitMs;
    this.timeoutMs = this.limitMs;
    this.#limitedBy = perAttemptMs < remainingMs ? "attempt_timeout" : "deadline";
  }

  get header(): HeaderInit {
    this.#header ??= this.#joinHeaders();
    return this.#header;
  }

  #joinHeaders(): HeaderInit {
    const { header } = this.call;
    const added = this.observer?.headers;
    if (added === undefined || added.length === 0) {
      return header;
    }
    if (header === undefined) {
      return added as HeaderPair[];
    }
    const own = [...(header instanceof Headers ? header : new Headers(header))];
    return [...own.filter(([name]) => !added.some(([other]) => other === name)), ...added];
  }

  get contextValues(): ContextValues | undefined {
    return this.#options.contextValues;
  }

  get previousAttempts(): number {
    return this.number - 1;
  }

  get waitForReady(): boolean {
    return this.call.method.policy.waitForReady;
  }

  takeResend(): boolean {
    return this.call.takeResend();
  }

  /** Whether it succeeded: it ended with OK, or it is a stream whose first message came. */
  get hasSucceeded(): boolean {
    return this.committed || this.end?.code === 0;
  }

  /** Takes note of its end. One that was cancelled because its time was up has timed out. */
  endAs(end: AttemptEnd): AttemptEnd {
    this.end = this.#timedOut && end.kind === "cancelled" ? timeoutOf(end) : end;
    return this.end;
  }

  /** Where its end came from: a wire knows that time ran out, not whose. */
  originOf(end: AttemptEnd): FailureOrigin {
    return end.kind === "timeout" ? this.#limitedBy : end.kind;
  }

  /** What the error of its call says of it. */
  recordOf({ code, peer }: Pick<AttemptEnd, "code" | "peer">, nowMs: number): AttemptRecord {
    const record = { code: statusCodeName(code), durationMs: Math.round(nowMs - this.startedAtMs) };
    return peer === undefined ? record : { peer, ...record };
  }

  onEnd(end: AttemptEnd): void {
    this.call.onEnd(this, end);
  }

  /** Its time is up, and the wire does not watch that. */
  timeOut(): void {
    this.#timedOut = true;
    this.cancel();
  }

  cancel(): void {
    if (this.end === undefined) {
      this.cancelled = true;
      this.handle?.cancel();
    }
  }

  /** It is over for its call: tells who watches it, and gives back its permits, once. */
  settle(code: number, origin: FailureOrigin, nowMs: number): void {
    if (!this.inFlight) {
      return;
    }
    this.inFlight = false;
    const { breaker, limit, policy } = this.call.method;
    this.observer?.onEnd({
      code: statusCodeName(code),
      peer: this.end?.peer,
      durationMs: nowMs - this.startedAtMs,
    });
    limit?.release();
    if (breaker !== undefined) {
      const codes = policy.circuitBreaker?.failureStatusCodes ?? [];
      const outcome =
        code === 0 ? "success" : breakerOutcome(statusCodeName(code), origin, codes, this.call.deadlineSetBy);
      if (outcome === "failure" && this.end !== undefined) {
        lastFailures.set(breaker, this.end);
      }
      this.judge(outcome, nowMs);
    }
  }

  /** Tells the breaker, once, what came of it. */
  judge(outcome: Outcome, nowMs: number): void {
    if (this.permit !== refused) {
      this.call.method.breaker?.onResult(this.permit, outcome, nowMs - this.startedAtMs, nowMs);
      this.permit = refused;
    }
  }
}

/**
 * How long one attempt may take. A contract whose retry is off gives the whole call to its one attempt; an override that caps attempts
 * leaves each the time it had.
 */
function perAttemptTimeoutMs(policy: MethodPolicy): number {
  const { retry } = policy;
  if (retry?.perAttemptTimeoutMs === undefined) {
    return Number.POSITIVE_INFINITY;
  }
  const isOn = retry.maxAttempts > 1 || (contractPolicyOf(policy).retry?.maxAttempts ?? 1) > 1;
  return isOn ? retry.perAttemptTimeoutMs : Number.POSITIVE_INFINITY;
}

/** The last failure that a breaker saw, of whichever call: what a refusal names as its cause. */
export function lastFailureOf(breaker: Breaker): ConnectError | undefined {
  return lastFailures.get(breaker)?.error();
}

const lastFailures = new WeakMap<Breaker, AttemptEnd>();

function timeoutOf(end: AttemptEnd): AttemptEnd {
  return {
    kind: "timeout",
    code: Code.DeadlineExceeded,
    peer: end.peer,
    pushback: undefined,
    trailer: () => end.trailer(),
    error: () => new ConnectError("no response message came in time", Code.DeadlineExceeded),
  };
}
