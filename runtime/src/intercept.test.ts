// SPDX-License-Identifier: Apache-2.0
import { Code, createRouterTransport, type Interceptor } from "@connectrpc/connect";
import { contractOf } from "@talaria/contract";
import { afterEach, describe, expect, test } from "vitest";
import { collect, type EchoClient, echoService, failureOf } from "../../test/e2e/echo.ts";
import { openScriptedEcho, type ScriptedEcho } from "../../test/e2e/scripted-echo.ts";
import { captureWarnings } from "../../test/support/warnings.ts";
import { configureTalaria } from "./configure.ts";
import { runInCallScope } from "./context/call-scope.ts";
import { scopedOptions } from "./context/propagate.ts";
import { guard } from "./guard.ts";
import { setOverrides } from "./overrides/process-overrides.ts";
import { fail, reply, replyAll, staySilent } from "./testing/answer.ts";
import { VirtualClock } from "./testing/virtual-clock.ts";

captureWarnings("TALARIA_OVERRIDE", /^overrides (are in force .*"responseTimeoutMs":1000|were taken back)/);

afterEach(() => {
  configureTalaria({});
  setOverrides(undefined);
});

const policies = { service: "response_timeout_millis: 100 retry { max_attempts: 2 initial_backoff_millis: 10 }" };
const script = { unary: reply({ text: "yes" }, { delayMs: 30 }), server: replyAll([{ text: "yes" }], { delayMs: 30 }) };

/** A client whose interceptor waits so long before each call. */
function openHeld(heldMs: number, answers: Parameters<typeof openScriptedEcho>[1] = script): ScriptedEcho {
  const clock = new VirtualClock();
  const interceptor: Interceptor = (next) => async (request) => {
    await new Promise<void>((resolve) => clock.setTimer(resolve, heldMs));
    return next(request);
  };
  configureTalaria({ interceptors: [interceptor] });
  return openScriptedEcho(policies, answers, { clock });
}

const neverSettles = new Promise<never>(() => undefined);

/** Lets no call in. */
const hold: Interceptor = () => () => neverSettles;

describe("while an interceptor holds a call, its time runs", () => {
  test("and the server is told what is left of it", async () => {
    await using echo = openHeld(40);
    const { client, clock, server } = echo;
    expect((await clock.until(client.unary({ text: "" }))).text).toBe("yes");
    expect(await clock.until(collect(client.server({ text: "" })))).toEqual(["yes"]);
    expect(server.attemptsOf("unary").map(({ startedAtMs, timeoutMs }) => [startedAtMs, timeoutMs])).toEqual([
      [40, 60],
    ]);
  });

  test.each(["unary", "server"] as const)("so that an answer after it is late: %s", async (method) => {
    await using echo = openHeld(80);
    const { client, clock } = echo;
    const error = await clock.until(failureOf(client[method]({ text: "" })));
    expect(error).toMatchObject({ code: Code.DeadlineExceeded, reason: "deadline_exceeded" });
    expect(clock.nowMs()).toBe(100);
  });

  test.each(["unary", "server"] as const)(
    "and when it is up the call has failed, and does not begin later: %s",
    async (method) => {
      await using echo = openHeld(1000);
      const { client, clock, server } = echo;
      const error = await clock.until(failureOf(client[method]({ text: "" })));
      expect(error).toMatchObject({
        reason: "deadline_exceeded",
        timeout: { timeoutMs: 100, setBy: "contract" },
        message: expect.stringContaining("in 0 attempts; last cause: interceptors did not let it in"),
      });
      expect(clock.nowMs()).toBe(100);
      await clock.runToEnd();
      expect(clock.nowMs()).toBe(1000);
      expect(server.attempts).toEqual([]);
    },
  );

  test("and what it would have added to the call is not missed", async () => {
    const clock = new VirtualClock();
    configureTalaria({ interceptors: [hold] });
    const strict = { service: `${policies.service} required_headers: "x-tenant"` };
    await using echo = openScriptedEcho(strict, script, { clock });
    const error = await clock.until(failureOf(echo.client.unary({ text: "" })));
    expect(error).toMatchObject({ reason: "deadline_exceeded" });
  });

  test("and it is not made past the interceptor when an override has given it more time meanwhile", async () => {
    const clock = new VirtualClock();
    configureTalaria({ interceptors: [hold] });
    await using echo = openScriptedEcho(policies, script, { clock });
    const failure = failureOf(echo.client.unary({ text: "" }));
    setOverrides({ reason: "test", allowLessSafe: true, rules: [{ service: "*", responseTimeoutMs: 1000 }] });
    expect(await clock.until(failure)).toMatchObject({ reason: "deadline_exceeded" });
    expect(echo.server.attempts).toEqual([]);
  });

  test("nor when the interceptor was busy before it held the call, whose time is inherited", async () => {
    configureTalaria({
      interceptors: [
        () => () => {
          const untilMs = performance.now() + 20;
          while (performance.now() < untilMs) {}
          return neverSettles;
        },
      ],
    });
    const service = echoService({ service: "response_timeout_millis: 5000" });
    let calls = 0;
    const unary = (): { text: string } => {
      calls += 1;
      return { text: "yes" };
    };
    const transport = createRouterTransport(({ service: add }) => void add(service, { unary } as never));
    await using client = guard(transport, contractOf(service)) as unknown as EchoClient;
    const failure = runInCallScope({ timeoutMs: 100 }, () => failureOf(client.unary({ text: "" })));
    expect(await failure).toMatchObject({ reason: "deadline_exceeded", timeout: { setBy: "inherited" } });
    expect(calls).toBe(0);
  });

  test("and a stream without a response timeout may be held until it would end", async () => {
    const clock = new VirtualClock();
    configureTalaria({ interceptors: [hold] });
    await using echo = openScriptedEcho({ service: "stream_max_duration_millis: 500" }, script, { clock });
    const error = await clock.until(failureOf(echo.client.server({ text: "" })));
    expect(error).toMatchObject({ reason: "deadline_exceeded", timeout: { timeoutMs: 500, setBy: "contract" } });
    expect(clock.nowMs()).toBe(500);
  });

  test("but a stream whose reader has left meanwhile is not late: it was cancelled", async () => {
    const clock = new VirtualClock();
    const ends: string[] = [];
    configureTalaria({ interceptors: [hold], hooks: { onCallEnd: ({ code }) => ends.push(code) } });
    await using echo = openScriptedEcho(policies, script, { clock });
    const messages = echo.client.server({ text: "" })[Symbol.asyncIterator]();
    await messages.return?.();
    await clock.runToEnd();
    await expect.poll(() => ends).toEqual(["CANCELLED"]);
  });

  test("and the time of a retry by an interceptor is the same call's", async () => {
    const twice: Interceptor = (next) => (request) => next(request).catch(() => next(request));
    configureTalaria({ interceptors: [twice] });
    await using echo = openScriptedEcho(policies, { unary: [fail(Code.NotFound, { delayMs: 70 }), staySilent()] });
    const { client, clock, server } = echo;
    await clock.until(failureOf(client.unary({ text: "" })));
    expect(clock.nowMs()).toBe(100);
    expect(server.attempts.map(({ timeoutMs }) => timeoutMs)).toEqual([100, 30]);
  });

  test("also that which is taken over from the call being served", () => {
    const { inheritedTimeoutMs = 0 } = runInCallScope({ timeoutMs: 10_000 }, () =>
      scopedOptions({ elapsedMs: 5000 }, []),
    );
    // Counted from when the call was made. The scope goes by the clock of the process, so it has lost a little.
    expect(inheritedTimeoutMs).toBeGreaterThan(14_000);
    expect(inheritedTimeoutMs).toBeLessThanOrEqual(15_000);
  });

  test("with no timer left of it, whoever answers", async () => {
    const own: Interceptor = (next) => async (request) => {
      const response = await next(request);
      return { ...response };
    };
    const late: Interceptor = (next) => async (request) => {
      await Promise.resolve();
      return next(request);
    };
    configureTalaria({ interceptors: [own, late] });
    await using echo = openScriptedEcho(policies, { unary: reply({ text: "yes" }, { header: { "x-a": "1" } }) });
    const { client, clock } = echo;
    const headers: (string | null)[] = [];
    await client.unary({ text: "" }, { onHeader: (header) => headers.push(header.get("x-a")) });
    expect(headers).toEqual(["1"]);
    expect(clock.pendingTimers).toBe(0);
  });
});

test("an answer that an interceptor freezes still has its headers", async () => {
  const outer: Interceptor = (next) => async (request) => {
    const response = await next(request);
    expect([response.header.get("x-a"), response.header.get("x-a")]).toEqual(["1", "1"]);
    return response;
  };
  const inner: Interceptor = (next) => async (request) => Object.freeze(await next(request));
  configureTalaria({ interceptors: [outer, inner] });
  await using echo = openScriptedEcho(policies, { unary: reply({ text: "yes" }, { header: { "x-a": "1" } }) });
  expect((await echo.client.unary({ text: "" })).text).toBe("yes");
});

test("a caller cancels the stream that an interceptor makes in place of one that failed", async () => {
  const twice: Interceptor = (next) => (request) => next(request).catch(() => next(request));
  configureTalaria({ interceptors: [twice] });
  await using echo = openScriptedEcho(policies, { server: [fail(Code.NotFound, { delayMs: 10 }), staySilent()] });
  const { client, clock, server } = echo;
  const caller = new AbortController();
  clock.setTimer(() => caller.abort(), 50);
  const error = await clock.until(failureOf(collect(client.server({ text: "" }, { signal: caller.signal }))));
  expect(error).toMatchObject({ reason: "cancelled" });
  expect([clock.nowMs(), server.attempts.length]).toEqual([50, 2]);
});
