// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:http2";
import type { RetryPolicy, RetryThrottling, StatusCode } from "@talaria/contract";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DifferentialClient, echoContract, openNative, openOurs } from "./clients.ts";
import { type Action, type RawServer, startRawServer } from "./raw-server.ts";

let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const codes: readonly StatusCode[] = ["UNAVAILABLE", "ABORTED", "RESOURCE_EXHAUSTED", "INTERNAL", "CANCELLED"];
const numbers = {
  UNAVAILABLE: 14,
  ABORTED: 10,
  RESOURCE_EXHAUSTED: 8,
  INTERNAL: 13,
  CANCELLED: 1,
  NOT_FOUND: 5,
} as const;

const retry: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  initialBackoffMs: fc.integer({ min: 1, max: 4 }),
  maxBackoffMs: fc.integer({ min: 1, max: 6 }),
  backoffMultiplier: fc.constantFrom(0.5, 1, 2),
  backoffJitter: fc.constant(0.2),
  retryableStatusCodes: fc.subarray([...codes], { minLength: 1 }),
});

const answered: Action = { kind: "message", code: 0 };
const refused: Action = { kind: "reset", code: constants.NGHTTP2_REFUSED_STREAM };

/** What both sides are meant to answer alike: statuses of the server, refused streams, and success. */
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record(
      {
        kind: fc.constant("status" as const),
        code: fc.constantFrom<number>(14, 14, ...Object.values(numbers)),
        pushback: fc.constantFrom("0", "3", "7", "-1"),
      },
      { requiredKeys: ["kind", "code"] },
    ),
  },
  { weight: 1, arbitrary: fc.constant(refused) },
  { weight: 2, arbitrary: fc.constant<Action>({ kind: "message", code: 0 }) },
);

/** A stream may also fail after a message: then it is committed. */
const streamAction = fc.oneof(
  { weight: 9, arbitrary: action },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: "message", code: 14 }) },
);

const script = fc.oneof(
  fc.record({ method: fc.constant("unary" as const), actions: fc.array(action, { minLength: 6, maxLength: 6 }) }),
  fc.record({
    method: fc.constant("server" as const),
    actions: fc.array(streamAction, { minLength: 6, maxLength: 6 }),
  }),
);

/** Of two refusals in one call the sides think differently: see `differences.test.ts`. */
const oneRefusal = script.map(({ method, actions }) => {
  const first = actions.indexOf(refused);
  const rest = actions.filter((one, index) => one !== refused || index === first);
  return { method, actions: rest.at(-1) === refused ? [...rest, answered] : rest };
});

type Script = typeof script extends fc.Arbitrary<infer T> ? T : never;

/** Of a "not again" with a status that is not retried anyway, the sides think differently: see `differences.test.ts`. */
function withoutStopOfOthers(action: Action, listed: readonly number[]): Action {
  const unlisted = action.kind === "status" && action.pushback === "-1" && !listed.includes(action.code);
  return unlisted ? { kind: "status", code: action.code } : action;
}

let ids = 0;

/** A call, and what the server saw of it. */
async function callOf(client: DifferentialClient, to: RawServer, { method, actions }: Script, text?: string) {
  ids += 1;
  const seen = to.expectCall(String(ids), actions);
  const { tookMs, ...end } = await client.call(method, String(ids), text);
  return { tookMs, seen: { attempts: seen.map(({ previous }) => previous), ...end } };
}

describe("our engine over grpc-js, and grpc-js's own retry with the service config that we emit,", () => {
  test("make the same attempts in the same order, and end the same, whatever the server answers", async () => {
    let calls = 0;
    let attempts = 0;
    await fc.assert(
      fc.asyncProperty(retry, fc.array(oneRefusal, { minLength: 4, maxLength: 8 }), async (policy, scripts) => {
        const contract = echoContract({ retry: policy, responseTimeoutMs: 20_000 });
        const ours = openOurs(contract, server.port);
        const native = openNative(contract, server.port);
        try {
          for (const one of scripts) {
            const [mine, theirs] = await Promise.all([callOf(ours, server, one), callOf(native, server, one)]);
            expect(mine.seen).toEqual(theirs.seen);
            calls += 1;
            attempts += mine.seen.attempts.length;
          }
        } finally {
          await ours.close();
          await native.close();
        }
      }),
      { seed: 6, numRuns: 100, interruptAfterTimeLimit: 15_000 },
    );
    expect(calls).toBeGreaterThan(100);
    expect(attempts).toBeGreaterThan(calls);
  });

  test("empty and fill the same throttle", async () => {
    await fc.assert(
      fc.asyncProperty(
        retry,
        fc.record({ maxTokens: fc.integer({ min: 1, max: 10 }), tokenRatio: fc.constantFrom(0.1, 0.5, 1) }),
        fc.array(oneRefusal, { minLength: 12, maxLength: 12 }),
        async (policy, retryThrottling: RetryThrottling, scripts) => {
          // Throttles are kept by target, so each run needs one of its own, and so does each side.
          const listed = policy.retryableStatusCodes.map((code) => numbers[code as keyof typeof numbers]);
          const contract = echoContract({ retry: policy, responseTimeoutMs: 20_000 }, { retryThrottling });
          await using forOurs = await startRawServer();
          await using forNative = await startRawServer();
          const ours = openOurs(contract, forOurs.port);
          const native = openNative(contract, forNative.port);
          try {
            for (const { method, actions } of scripts) {
              const one = { method, actions: actions.map((each) => withoutStopOfOthers(each, listed)) };
              const [mine, theirs] = await Promise.all([callOf(ours, forOurs, one), callOf(native, forNative, one)]);
              expect(mine.seen).toEqual(theirs.seen);
            }
          } finally {
            await ours.close();
            await native.close();
          }
        },
      ),
      { seed: 7, numRuns: 15 },
    );
  });
});
