// SPDX-License-Identifier: Apache-2.0
import { getEventListeners } from "node:events";
import { Code } from "@connectrpc/connect";
import { bindContract, contractOf, type MethodPolicy, type ServiceContract, type StatusCode } from "@talaria/contract";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type EchoClient, echoService } from "../../test/e2e/echo.ts";
import { Breaker, refused } from "./engine/breaker.ts";
import { isCallError } from "./error.ts";
import { ClientLifetime } from "./lifetime.ts";
import { openSharedState } from "./shared-state.ts";
import { fail, loseConnection, refuseConnection, replyAll, type ScriptedAnswer, staySilent } from "./testing/answer.ts";
import { openScriptedClient } from "./testing/open-scripted-client.ts";
import type { SeenAttempt } from "./testing/seen-attempt.ts";
import { VirtualClock } from "./testing/virtual-clock.ts";

const service = echoService({});
const base = contractOf(service);
const kinds = ["unary", "server", "client", "bidi"] as const;

const maybe = <T>(value: fc.Arbitrary<T>, freq = 3): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq });

type Answer = ScriptedAnswer<{ text: string }> | "throws";

const answer: fc.Arbitrary<Answer> = fc
  .record({
    how: fc.constantFrom("ok", "ok", "unavailable", "unavailable", "aborted", "lost", "refused", "silent", "throws"),
    delayMs: fc.integer({ min: 0, max: 400 }),
    gapMs: fc.integer({ min: 0, max: 200 }),
    messages: fc.integer({ min: 0, max: 3 }),
    early: fc.boolean(),
    headerFirst: fc.boolean(),
    pushbackMs: maybe(fc.constantFrom("0", "50", "900", "-1", "soon")),
  })
  .map(({ how, messages, gapMs, early, headerFirst, pushbackMs, delayMs }) => {
    const options = {
      delayMs,
      ...(early ? { afterMessages: 0 } : {}),
      ...(headerFirst ? { header: {} } : {}),
      ...(pushbackMs === undefined ? {} : { pushbackMs }),
    };
    const texts = Array.from({ length: messages }, () => ({ text: "" }));
    switch (how) {
      case "ok":
        return replyAll([{ text: "" }], { ...options, gapMs });
      case "lost":
        return replyAll(texts, { ...options, gapMs, end: loseConnection() });
      case "refused":
        return refuseConnection(options);
      case "silent":
        return replyAll(texts, { ...options, gapMs, end: staySilent() });
      case "throws":
        return "throws";
      default:
        return fail(how === "aborted" ? Code.Aborted : Code.Unavailable, options);
    }
  });

const call = fc.record({
  kind: fc.constantFrom(...kinds),
  atMs: fc.integer({ min: 0, max: 600 }),
  timeoutMs: maybe(fc.integer({ min: 1, max: 900 })),
  abortAfterMs: maybe(fc.integer({ min: 0, max: 700 })),
  /** Leaves a stream after so many messages. */
  readAtMost: maybe(fc.integer({ min: 0, max: 2 })),
  /** What the application's request messages do. */
  request: fc.constantFrom("none", "two", "slow", "throws", "unsendable"),
});

const retry = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  initialBackoffMs: fc.integer({ min: 1, max: 300 }),
  maxBackoffMs: fc.integer({ min: 1, max: 1000 }),
  backoffMultiplier: fc.constantFrom(0.5, 1, 2, 4),
  backoffJitter: fc.constantFrom(0, 0.2, 1),
  retryableStatusCodes: fc.constantFrom<StatusCode[]>(["UNAVAILABLE"], ["UNAVAILABLE", "ABORTED"]),
  perAttemptTimeoutMs: fc.constantFrom(50, 200, 2000),
});

const hedging = fc.record({
  maxAttempts: fc.integer({ min: 2, max: 5 }),
  hedgingDelayMs: fc.integer({ min: 1, max: 300 }),
  nonFatalStatusCodes: fc.constantFrom<StatusCode[]>([], ["UNAVAILABLE"]),
});

const breaker: NonNullable<MethodPolicy["circuitBreaker"]> = {
  enabled: true,
  scope: "SERVICE",
  failureRateThreshold: 0.5,
  minimumRequestThreshold: 4,
  counterSlidingWindowMs: 1000,
  counterUpdateIntervalMs: 100,
  circuitOpenWindowMs: 100,
  openWindowJitter: 0.2,
  trialRequestIntervalMs: 100,
  trialRequests: 1,
  slowCallRateThreshold: 1,
  failureStatusCodes: ["UNAVAILABLE", "DEADLINE_EXCEEDED"],
};

const policies: fc.Arbitrary<Partial<MethodPolicy>> = fc
  .record({
    plan: fc.oneof(
      retry.map((policy) => ({ retry: policy })),
      hedging.map((policy) => ({ hedging: policy })),
    ),
    responseTimeoutMs: fc.integer({ min: 1, max: 1500 }),
    streamIdleTimeoutMs: maybe(fc.integer({ min: 1, max: 300 })),
    streamMaxDurationMs: maybe(fc.integer({ min: 1, max: 1000 })),
    maxConcurrentRequests: maybe(fc.integer({ min: 1, max: 3 }), 2),
    circuitBreaker: maybe(fc.constant(breaker), 2),
    idempotencyLevel: fc.constantFrom("IDEMPOTENT" as const, "IDEMPOTENCY_UNKNOWN" as const),
  })
  .map(({ plan, ...rest }) => {
    const given = Object.entries({ ...plan, ...rest }).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given) as Partial<MethodPolicy>;
  });

const world = fc.record({
  policies,
  retryThrottling: maybe(fc.record({ maxTokens: fc.integer({ min: 1, max: 8 }), tokenRatio: fc.constantFrom(0.1, 1) })),
  script: fc.array(answer, { minLength: 12, maxLength: 12 }),
  calls: fc.array(call, { minLength: 1, maxLength: 5 }),
  closeAtMs: maybe(fc.integer({ min: 0, max: 900 })),
  draws: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 30, maxLength: 30 }),
});

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;
type Call = World["calls"][number];

/** What came of a call. */
interface Outcome {
  readonly call: Call;
  readonly endedAtMs: number;
  readonly error: unknown;
  /** How many messages its caller got. */
  readonly received: number;
  /** Abort listeners on its signal, and request iterables that nobody closed. */
  readonly left: number;
  /** The attempts that reached the server. */
  readonly attempts: readonly SeenAttempt[];
}

interface Seen {
  readonly outcomes: readonly Outcome[];
  readonly clock: VirtualClock;
  readonly running: number;
  readonly tokens: readonly number[];
  readonly inFlight: readonly number[];
  readonly breakerPermits: Permits;
  /** Calls that entered the lifetime of their client, and that left it. */
  readonly lifetime: Permits;
}

interface Permits {
  readonly given: number;
  readonly returned: number;
}

afterEach(() => vi.restoreAllMocks());

/** Counts, over all breakers, what is given and what comes back. */
function countPermits(): { given: number; returned: number } {
  vi.restoreAllMocks();
  const permits = { given: 0, returned: 0 };
  const { tryAcquire, onResult } = Breaker.prototype;
  vi.spyOn(Breaker.prototype, "tryAcquire").mockImplementation(function (this: Breaker, nowMs) {
    const permit = tryAcquire.call(this, nowMs);
    permits.given += permit === refused ? 0 : 1;
    return permit;
  });
  vi.spyOn(Breaker.prototype, "onResult").mockImplementation(function (this: Breaker, ...result) {
    permits.returned += 1;
    onResult.apply(this, result);
  });
  return permits;
}

let worlds = 0;

async function live(given: World): Promise<Seen> {
  worlds += 1;
  const target = `laws:${worlds}`;
  const draws = [...given.draws];
  const random = (): number => draws.shift() ?? 0.5;
  const contract: ServiceContract = {
    ...base,
    ...(given.retryThrottling === undefined ? {} : { retryThrottling: given.retryThrottling }),
    methods: base.methods.map((method) => ({ ...method, ...given.policies })),
  };
  const breakerPermits = countPermits();
  const entered = vi.spyOn(ClientLifetime.prototype, "enter");
  const left = vi.spyOn(ClientLifetime.prototype, "leave");
  const clock = new VirtualClock();
  const script = ({ number }: SeenAttempt): ScriptedAnswer<{ text: string }> => {
    const next = given.script[(number - 1) % given.script.length];
    if (next === undefined || next === "throws") {
      throw new TypeError("the wire is broken");
    }
    return next;
  };
  const shared = openSharedState(target, random);
  const scripts = Object.fromEntries(kinds.map((kind) => [kind, script]));
  const { client, server } = openScriptedClient(bindContract(service, contract), scripts, { target, clock, random });
  const throttle = shared.throttle(contract);
  const tokens: number[] = [];
  const outcomes: Outcome[] = [];
  given.calls.forEach((one, index) => {
    clock.setTimer(async () => {
      const made = await make(client as unknown as EchoClient, one, index, clock);
      tokens.push(throttle?.tokens ?? 0);
      const attempts = server.attempts.filter(({ header }) => header.get("x-call") === String(index));
      outcomes.push({ call: one, ...made, attempts });
    }, one.atMs);
  });
  const close = (): PromiseLike<void> => client[Symbol.asyncDispose]();
  let closing: PromiseLike<void> | undefined;
  if (given.closeAtMs !== undefined) {
    clock.setTimer(() => {
      closing = close();
    }, given.closeAtMs);
  }
  await clock.runToEnd();
  await clock.until(closing ?? close());
  await clock.runToEnd();
  const inFlight = contract.methods.map((method) => shared.limit(contract.service, method)?.inFlight ?? 0);
  shared.close();
  const lifetime = { given: entered.mock.calls.length, returned: left.mock.calls.length };
  return { outcomes, clock, running: server.running.length, tokens, inFlight, breakerPermits, lifetime };
}

/** Makes a call, and answers with how it failed. */
async function make(
  client: EchoClient,
  one: Call,
  index: number,
  clock: VirtualClock,
): Promise<Omit<Outcome, "call" | "attempts">> {
  const iterables = { open: 0 };
  const sent = (): AsyncGenerator<{ text: string }> => requests(one, clock, iterables);
  let received = 0;
  let failure: unknown;
  const controller = new AbortController();
  if (one.abortAfterMs !== undefined) {
    clock.setTimer(() => controller.abort(), one.abortAfterMs);
  }
  const options = { signal: controller.signal, timeoutMs: one.timeoutMs ?? 0, headers: { "x-call": String(index) } };
  const request = one.request === "unsendable" ? { text: Object.create(null) } : { text: "" };
  try {
    if (one.kind === "unary") {
      await client.unary(request, options);
    } else if (one.kind === "client") {
      await client.client(sent(), options);
    } else {
      const stream = one.kind === "server" ? client.server(request, options) : client.bidi(sent(), options);
      for await (const _ of stream) {
        received += 1;
        if (received > (one.readAtMost ?? Number.POSITIVE_INFINITY)) {
          break;
        }
      }
    }
  } catch (error) {
    failure = error;
  }
  const endedAtMs = clock.nowMs();
  const listeners = getEventListeners(controller.signal, "abort").length;
  // An iterable that waits in its own code is closed as soon as it comes out of it.
  await new Promise<void>((resolve) => clock.setTimer(resolve, 100));
  return { error: failure, endedAtMs, received, left: listeners + iterables.open };
}

async function* requests(
  { request }: Call,
  clock: VirtualClock,
  iterables: { open: number },
): AsyncGenerator<{ text: string }> {
  iterables.open += 1;
  try {
    if (request === "none") {
      return;
    }
    yield request === "unsendable" ? { text: Object.create(null) } : { text: "" };
    if (request === "slow") {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 100));
    }
    if (request === "throws") {
      throw new RangeError("mine");
    }
    yield { text: "" };
  } finally {
    iterables.open -= 1;
  }
}

async function inEveryWorld(law: (seen: Seen, given: World) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(world, async (given) => law(await live(given), given)),
    { numRuns: 250, seed: 20 },
  );
}

/** The longest the call may take; of a streaming response, until its first message. */
function limitMs({ policies: { responseTimeoutMs = 0 } }: World, { timeoutMs }: Call): number {
  return Math.min(responseTimeoutMs, timeoutMs ?? Number.POSITIVE_INFINITY);
}

const localReasons = ["circuit_breaker_open", "concurrency_limit", "client_closed", "missing_header"] as const;

describe("whatever server, wire, caller and application do, of any number of calls of any kind,", {
  timeout: 60_000,
}, () => {
  test("each ends; nothing of it is left, and each permit came back once", async () => {
    await inEveryWorld((seen, given) => {
      expect(seen.outcomes).toHaveLength(given.calls.length);
      expect(seen.outcomes.map(({ left }) => left)).toEqual(given.calls.map(() => 0));
      expect(seen.clock.pendingTimers).toBe(0);
      expect(seen.running).toBe(0);
      expect(seen.inFlight).toEqual(kinds.map(() => 0));
      expect(seen.breakerPermits.returned).toBe(seen.breakerPermits.given);
      expect(seen.lifetime).toEqual({ given: given.calls.length, returned: given.calls.length });
    });
  });

  test("none makes more attempts than its contract, or starts one at its deadline or later", async () => {
    await inEveryWorld(({ outcomes }, given) => {
      const most = given.policies.retry?.maxAttempts ?? given.policies.hedging?.maxAttempts ?? 1;
      for (const { attempts, call: one } of outcomes) {
        expect(attempts.length).toBeLessThanOrEqual(most);
        for (const { startedAtMs } of attempts) {
          expect(startedAtMs).toBeLessThan(one.atMs + limitMs(given, one));
        }
        expect(attempts.map(({ previousAttempts }) => previousAttempts)).toEqual([...attempts.keys()]);
      }
    });
  });

  test("the deadline that the wire is told is whole, never grows, and is that of the call", async () => {
    await inEveryWorld(({ outcomes }, given) => {
      for (const { attempts, call: one, endedAtMs, received } of outcomes) {
        const single = one.kind === "unary" || one.kind === "client";
        const limit = one.atMs + limitMs(given, one);
        let before = Number.POSITIVE_INFINITY;
        for (const { timeoutMs = Number.POSITIVE_INFINITY, startedAtMs } of attempts) {
          expect(timeoutMs === Number.POSITIVE_INFINITY || (Number.isInteger(timeoutMs) && timeoutMs > 0)).toBe(true);
          expect(timeoutMs).toBeLessThanOrEqual(before);
          before = timeoutMs;
          if (single) {
            expect(startedAtMs + timeoutMs).toBeLessThanOrEqual(limit + 1);
          }
        }
        if (single || received === 0) {
          expect(endedAtMs).toBeLessThanOrEqual(limit + 1);
        }
        if (!single) {
          const { streamMaxDurationMs: mostMs = Number.POSITIVE_INFINITY } = given.policies;
          const { timeoutMs = Number.POSITIVE_INFINITY } = one;
          expect(endedAtMs).toBeLessThanOrEqual(one.atMs + Math.min(mostMs, timeoutMs) + 1);
        }
      }
    });
  });

  test("one that was refused has not reached the wire, and an error tells of every attempt that failed", async () => {
    await inEveryWorld(({ outcomes }, { policies }) => {
      for (const { attempts, error } of outcomes) {
        if (!isCallError(error)) {
          continue;
        }
        if (localReasons.some((reason) => isCallError(error, reason)) && error.attempts.length === 0) {
          const running = attempts.filter(({ cancelled }) => !cancelled);
          expect(isCallError(error, "client_closed") ? [] : running).toEqual([]);
        }
        if (isCallError(error, "status") && policies.retry !== undefined) {
          const durations = attempts.map(({ startedAtMs, end }) => Math.round((end?.atMs ?? 0) - startedAtMs));
          expect(error.attempts.map(({ durationMs }) => durationMs)).toEqual(durations);
        }
      }
    });
  });

  test("tokens stay in their range", async () => {
    await inEveryWorld(({ tokens }, { retryThrottling }) => {
      for (const left of tokens) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(left).toBeLessThanOrEqual(retryThrottling?.maxTokens ?? 0);
      }
    });
  });
});

test("the worlds of these laws are no quiet places", { timeout: 60_000 }, async () => {
  const reasons = new Map<string, number>();
  await inEveryWorld(({ outcomes }) => {
    for (const { error } of outcomes) {
      const reason = isCallError(error) ? error.reason : error === undefined ? "ok" : "thrown";
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  });
  const all = [
    "attempt_timeout",
    "cancelled",
    "circuit_breaker_open",
    "client_closed",
    "concurrency_limit",
    "connection_lost",
    "deadline_exceeded",
    "local",
    "ok",
    "status",
    "stream_timeout",
  ];
  expect([...reasons.keys()].sort()).toEqual(expect.arrayContaining(all));
});
