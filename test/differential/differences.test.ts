// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:http2";
import type { MethodPolicy, RetryPolicy, ServiceContract } from "@talaria/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { captureWarnings } from "../support/warnings.ts";
import { type CallEnd, type EchoMethod, echoContract, openNative, openOurs } from "./clients.ts";
import { type Action, type RawServer, startRawServer } from "./raw-server.ts";

let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const retry: RetryPolicy = {
  maxAttempts: 3,
  initialBackoffMs: 2,
  maxBackoffMs: 2,
  backoffMultiplier: 1,
  backoffJitter: 0,
  retryableStatusCodes: ["UNAVAILABLE"],
};

interface Seen extends CallEnd {
  readonly attempts: number;
}

let ids = 0;

/** Makes the same call through both, one after the other, so that one connection lost is not the other's. */
async function both(
  contract: ServiceContract,
  script: readonly Action[],
  { method = "unary", text = "" }: { method?: EchoMethod; text?: string } = {},
): Promise<{ readonly ours: Seen; readonly native: Seen }> {
  const make = async (open: typeof openOurs): Promise<Seen> => {
    const client = open(contract, server.port);
    ids += 1;
    const seen = server.expectCall(`difference ${ids}`, script);
    try {
      const end = await client.call(method, `difference ${ids}`, text);
      return { ...end, attempts: seen.length };
    } finally {
      await client.close();
    }
  };
  return { ours: await make(openOurs), native: await make(openNative) };
}

function policies(more: Partial<MethodPolicy> = {}): ServiceContract {
  return echoContract({ retry, responseTimeoutMs: 5000, idempotencyLevel: "IDEMPOTENT", ...more });
}

const ok: Action = { kind: "message", code: 0 };
const unavailable: Action = { kind: "status", code: 14 };

describe("our engine differs from grpc-js's own retry, on purpose:", () => {
  test("headers do not commit a call, only messages that the caller has do", async () => {
    for (const method of ["unary", "server"] as const) {
      const { ours, native } = await both(policies(), [{ kind: "headers_first", code: 14 }, ok], { method });
      expect(ours).toMatchObject({ code: 0, attempts: 2 });
      expect(native).toMatchObject({ code: 14, attempts: 1 });
    }
    // Of a unary call the caller has nothing before the status.
    const { ours, native } = await both(policies(), [{ kind: "message", code: 14 }, ok]);
    expect(ours).toMatchObject({ code: 0, attempts: 2 });
    expect(native).toMatchObject({ code: 14, attempts: 1 });
  });

  describe("a pushback that is unreadable means stop", () => {
    // What grpc-js makes of it is no time that a timer can wait.
    captureWarnings("TimeoutNaNWarning", /^NaN is not a number/);
    captureWarnings("TimeoutOverflowWarning", /^99999999999 does not fit/);

    test.each(["soon", "1.5", "", "0x10", "99999999999"])("%j", async (pushback) => {
      const { ours, native } = await both(policies(), [{ ...unavailable, pushback }, ok]);
      expect(ours).toMatchObject({ code: 14, attempts: 1 });
      expect(native).toMatchObject({ code: 0, attempts: 2 });
    });
  });

  test("an attempt may have a time of its own", async () => {
    const limited = policies({ retry: { ...retry, perAttemptTimeoutMs: 100 }, responseTimeoutMs: 400 });
    const { ours, native } = await both(limited, [{ kind: "nothing" }, ok]);
    expect(ours).toMatchObject({ code: 0, attempts: 2 });
    expect(native).toMatchObject({ code: 4, attempts: 1 });
  });

  test("a delay beyond the deadline is not slept through, and the last status is not lost", async () => {
    const slow = policies({ retry: { ...retry, initialBackoffMs: 2000, maxBackoffMs: 2000 }, responseTimeoutMs: 300 });
    const { ours, native } = await both(slow, [unavailable, ok]);
    expect(ours).toMatchObject({ code: 14, message: "status 14", attempts: 1 });
    expect(ours.tookMs).toBeLessThan(250);
    expect(native).toMatchObject({ code: 4, attempts: 1 });
    expect(native.tookMs).toBeGreaterThan(250);
  });

  test.each([
    ["reset, the stream with NO_ERROR", { kind: "reset", code: constants.NGHTTP2_NO_ERROR }, 13],
    ["reset, the stream with CANCEL", { kind: "reset", code: constants.NGHTTP2_CANCEL }, 1],
    ["reset, the stream with ENHANCE_YOUR_CALM", { kind: "reset", code: constants.NGHTTP2_ENHANCE_YOUR_CALM }, 8],
    ["reset, the stream with INTERNAL_ERROR", { kind: "reset", code: constants.NGHTTP2_INTERNAL_ERROR }, 13],
  ] satisfies [string, Action, number][])(
    "a connection that is %s is UNAVAILABLE, and tried again",
    async (_, lost, code) => {
      const retried = await both(policies(), [lost, ok]);
      expect(retried.ours).toMatchObject({ code: 0, attempts: 2 });
      expect(retried.native).toMatchObject({ code, attempts: 1 });
      const once = await both(policies({ idempotencyLevel: "IDEMPOTENCY_UNKNOWN" }), [lost, ok]);
      expect(once.ours).toMatchObject({ code: 14, attempts: 1 });
      expect(once.native).toMatchObject({ code, attempts: 1 });
    },
  );

  test("a request that may have run is sent again only where its method allows that", async () => {
    const lost: Action = { kind: "tcp_reset" };
    const careful = await both(policies({ idempotencyLevel: "IDEMPOTENCY_UNKNOWN" }), [lost, ok]);
    expect(careful.ours).toMatchObject({ code: 14, attempts: 1 });
    expect(careful.native).toMatchObject({ code: 0, attempts: 2 });
    const allowed = await both(policies(), [lost, ok]);
    expect(allowed.ours).toMatchObject({ code: 0, attempts: 2 });
    expect(allowed.native).toMatchObject({ code: 0, attempts: 2 });
  });

  test("a unary request of any size can be sent again: it is in memory anyway", async () => {
    const { ours, native } = await both(policies(), [unavailable, ok], { text: "x".repeat(2 << 20) });
    expect(ours).toMatchObject({ code: 0, attempts: 2 });
    expect(native).toMatchObject({ code: 14, attempts: 1 });
  });

  test("a refused stream is sent again at once: the same once a call, but of a streaming call once an attempt", async () => {
    const refused: Action = { kind: "reset", code: constants.NGHTTP2_REFUSED_STREAM };
    for (const method of ["unary", "server"] as const) {
      const { ours, native } = await both(policies(), [refused, refused, refused, ok], { method });
      expect(ours).toMatchObject({ code: 0, attempts: 4 });
      expect(native).toMatchObject({ code: 0, attempts: 4 });
    }
    const unary = await both(policies(), [refused]);
    expect(unary.ours).toMatchObject({ code: 14, attempts: 4 });
    expect(unary.native).toMatchObject({ code: 14, attempts: 4 });
    // Streams go through the channel of grpc-js, to which each attempt is a call.
    const stream = await both(policies(), [refused], { method: "server" });
    expect(stream.ours).toMatchObject({ code: 14, attempts: 6 });
    expect(stream.native).toMatchObject({ code: 14, attempts: 4 });
  });

  test('a "not again" costs a token whatever status it comes with (gRFC A6)', async () => {
    const throttled = { ...policies(), retryThrottling: { maxTokens: 4, tokenRatio: 0.1 } };
    const make = async (open: typeof openOurs): Promise<number> => {
      await using own = await startRawServer();
      const client = open(throttled, own.port);
      try {
        own.expectCall("stop", [{ kind: "status", code: 5, pushback: "-1" }]);
        await client.call("unary", "stop");
        const seen = own.expectCall("after", [unavailable, ok]);
        await client.call("unary", "after");
        return seen.length;
      } finally {
        await client.close();
      }
    };
    expect(await make(openOurs)).toBe(1);
    expect(await make(openNative)).toBe(2);
  });
});
