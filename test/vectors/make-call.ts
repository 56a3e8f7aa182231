// SPDX-License-Identifier: Apache-2.0
import { ConnectError } from "@connectrpc/connect";
import type {
  CircuitBreaker,
  HedgingPolicy,
  IdempotencyLevel,
  MethodPolicy,
  RetryPolicy,
  StatusCode,
} from "@talaria/contract";
import type { VirtualClock } from "@talaria/runtime/testing";
import { DispatchService } from "../../generated/shop/dispatch/v1/dispatch_pb.ts";
import type { Clock, Random } from "../../runtime/src/clock.ts";
import type { Breaker } from "../../runtime/src/engine/breaker.ts";
import type { RetryThrottle } from "../../runtime/src/engine/retry-throttle.ts";
import type { GuardedMethod } from "../../runtime/src/guarded-method.ts";
import { ClientLifetime } from "../../runtime/src/lifetime.ts";
import { statusCodeName } from "../../runtime/src/status-code.ts";
import { callStream } from "../../runtime/src/stream-call.ts";
import { callUnary } from "../../runtime/src/unary-call.ts";
import { ChannelWire } from "./channel-wire.ts";
import type { RequestScript } from "./scripted-server.ts";

/** A call to make, and the world it is made in. */
export interface CallSetup {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly server: RequestScript;
  readonly deadlineMs?: number | undefined;
  readonly idempotencyLevel?: IdempotencyLevel;
  readonly retry?: RetryPolicy | undefined;
  readonly hedging?: HedgingPolicy | undefined;
  readonly throttle?: RetryThrottle | undefined;
  readonly circuitBreaker?: CircuitBreaker;
  readonly breaker?: Breaker | undefined;
}

/** What was seen of a call. All times are milliseconds since it began. */
export interface SeenCall {
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

/** Makes a call through the pipeline that production runs, on virtual time, to a server that does what a script says. */
export async function makeCall(setup: CallSetup): Promise<SeenCall> {
  const { clock } = setup;
  const beganAtMs = clock.nowMs();
  const wire = new ChannelWire(setup.server, clock);
  const delays: number[] = [];
  const method = guardedMethod(setup, wire, recordingClock(clock, delays));
  const final = await clock.until(callAs(method, setup.server));
  const endMs = clock.nowMs() - beganAtMs;
  await clock.advanceAsync(0);
  const { attempts } = wire.server;
  return {
    final,
    endMs,
    starts: attempts.map(({ startedAtMs }) => startedAtMs - beganAtMs),
    delays,
    previousAttempts: attempts.map(({ previousAttempts }) => previousAttempts || null),
    cancelled: attempts.flatMap(({ cancelled }, index) => (cancelled ? [index] : [])),
  };
}

/** A call of a stream when a response message comes before a failure, or else a unary one. */
async function callAs(method: GuardedMethod, script: RequestScript): Promise<StatusCode> {
  const { assignCourier, trackCourier } = DispatchService.method;
  try {
    if (script(0).committed) {
      for await (const _ of callStream({ ...method, desc: trackCourier }, trackCourier, one({}), {})) {
        // Only the end matters.
      }
    } else {
      await callUnary(method, assignCourier, {}, {});
    }
    return "OK";
  } catch (error) {
    if (error instanceof ConnectError) return statusCodeName(error.code);
    throw error;
  }
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}

function guardedMethod(setup: CallSetup, wire: ChannelWire, clock: Clock): GuardedMethod {
  const { random, deadlineMs, retry, hedging, throttle, circuitBreaker, breaker } = setup;
  const idempotencyLevel = setup.idempotencyLevel ?? "IDEMPOTENT";
  const policy: MethodPolicy = {
    name: "AssignCourier",
    kind: "unary",
    idempotencyLevel,
    waitForReady: false,
    requiredHeaders: [],
    ...(deadlineMs === undefined ? {} : { responseTimeoutMs: deadlineMs }),
    ...(retry === undefined ? {} : { retry }),
    ...(hedging === undefined ? {} : { hedging }),
    ...(circuitBreaker === undefined ? {} : { circuitBreaker }),
  };
  return {
    desc: DispatchService.method.assignCourier,
    policy,
    name: "shop.dispatch.v1.DispatchService/AssignCourier",
    breakerName: "shop.dispatch.v1.DispatchService/AssignCourier",
    wire,
    clock,
    random,
    lifetime: new ClientLifetime(),
    breaker,
    breakerHeld: undefined,
    credentials: undefined,
    limit: undefined,
    retry: { policy: retry, idempotencyLevel, throttle, random },
  };
}

/** The only timers that the pipeline itself sets for a unary call are its waits. */
function recordingClock(clock: VirtualClock, delays: number[]): Clock {
  return {
    nowMs: () => clock.nowMs(),
    setTimer(task, delayMs) {
      delays.push(delayMs);
      return clock.setTimer(task, delayMs);
    },
    clearTimer: (timer) => clock.clearTimer(timer),
  };
}
