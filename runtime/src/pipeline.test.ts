// SPDX-License-Identifier: Apache-2.0
import { Code } from "@connectrpc/connect";
import { afterEach, describe, expect, test } from "vitest";
import { collect, failureOf, messages } from "../../test/e2e/echo.ts";
import { openScriptedEcho } from "../../test/e2e/scripted-echo.ts";
import { captureWarnings } from "../../test/support/warnings.ts";
import { withoutRetry } from "./call-options.ts";
import type { Timer } from "./clock.ts";
import { setOverrides } from "./overrides/process-overrides.ts";
import { fail, reply, replyAll, staySilent } from "./testing/answer.ts";
import { VirtualClock } from "./testing/virtual-clock.ts";

captureWarnings("TALARIA_OVERRIDE", /^overrides (are in force .*"INC-7".*"maxAttempts":[12]|were taken back)/);
afterEach(() => void setOverrides(undefined));

/** A clock whose timers come late, as those of a busy process do. */
class LateClock extends VirtualClock {
  lateMs = 0;

  override setTimer(task: () => void, delayMs: number): Timer {
    return super.setTimer(task, delayMs + this.lateMs);
  }
}

const retried = "response_timeout_millis: 1000 retry { max_attempts: 3 initial_backoff_millis: 100 }";

const failed = fail(Code.Unavailable);

const hedged = (more = "") => ({
  method: `option idempotency_level = IDEMPOTENT;
    option (service_client.method_config).hedging = { max_attempts: 5 hedging_delay_millis: 10 ${more} };`,
});

describe("a backoff that ends after the deadline, because the process was busy,", () => {
  test.each(["unary", "server"] as const)("fails a call (%s) with the deadline and the last cause", async (method) => {
    const clock = new LateClock();
    const late = (): ReturnType<typeof fail> => {
      clock.lateMs = 5000;
      return fail(Code.Unavailable, { message: "try later" });
    };
    await using echo = openScriptedEcho({ service: retried }, { unary: late, server: late }, { clock });
    const error = await clock.until(failureOf(echo.client[method]({ text: "" })));
    expect(error).toMatchObject({ reason: "deadline_exceeded", code: Code.DeadlineExceeded });
    expect(String(error)).toContain("try later");
    expect(echo.server.attempts).toHaveLength(1);
  });
});

describe("what wires are told", () => {
  test("are whole milliseconds, which never grow", async () => {
    for (const method of ["unary", "server"] as const) {
      await using echo = openScriptedEcho(
        { service: `${retried} stream_max_duration_millis: 2000` },
        { [method]: fail(Code.Unavailable) },
        { random: () => 0.123456 },
      );
      await echo.clock.until(failureOf(echo.client[method]({ text: "" })));
      const told = echo.server.attempts.map(({ timeoutMs = 0 }) => timeoutMs);
      expect(told).toEqual(method === "unary" ? [1000, 916, 746] : [2000, 1916, 1746]);
    }
  });
});

describe("request messages that do not fit the replay buffer", () => {
  const large = "x".repeat(600 * 1024);

  test("commit a hedged call to the copy that read furthest; it loses no message", async () => {
    await using echo = openScriptedEcho(hedged(), {
      client: ({ number }) => (number === 1 ? reply({ text: "whole" }, { delayMs: 100 }) : staySilent()),
    });
    const { client, server, clock } = echo;
    async function* request(): AsyncGenerator<{ text: string }> {
      yield { text: large };
      await new Promise<void>((resolve) => clock.setTimer(resolve, 25));
      yield { text: large };
      yield { text: "last" };
    }
    expect((await clock.until(client.client(request()))).text).toBe("whole");
    expect(server.attempts.map(({ cancelled }) => cancelled)).toEqual([false, true, true]);
    const received = server.attempts.map((attempt) => attempt.messages.length);
    expect(received[0]).toBe(3);
    for (const attempt of server.attempts.slice(1)) {
      expect(attempt.requestEnded).toBe(false);
    }
  });

  test("end a hedged call as the copy ends to which it is committed", async () => {
    await using echo = openScriptedEcho(hedged("non_fatal_status_codes: [UNAVAILABLE]"), {
      client: [fail(Code.Unavailable, { message: "first", delayMs: 15 }), reply({ text: "" })],
    });
    const error = await echo.clock.until(failureOf(echo.client.client(messages(large, large))));
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: "first" });
    expect(echo.server.attempts).toHaveLength(1);
  });

  test("are not sent a second time", async () => {
    await using echo = openScriptedEcho(
      { service: retried },
      { client: [fail(Code.Unavailable), reply({ text: "" })] },
    );
    expect(await echo.clock.until(failureOf(echo.client.client(messages(large, large))))).toMatchObject({
      code: Code.Unavailable,
    });
    expect(echo.server.attempts).toHaveLength(1);
    const fitting = "x".repeat(500 * 1024);
    await echo.clock.until(echo.client.client(messages(fitting, fitting)));
  });
});

test("a copy of a stream that lost is neither a failure to the breaker nor an attempt that failed", async () => {
  const breaker = `circuit_breaker { minimum_request_threshold: 1 failure_rate_threshold: 0.1
    failure_status_codes: [DEADLINE_EXCEEDED, CANCELLED] }`;
  await using echo = openScriptedEcho(
    { ...hedged(), service: `response_timeout_millis: 5000 ${breaker}` },
    { server: [staySilent(), replyAll([{ text: "" }], { gapMs: 50, end: fail(Code.NotFound) }), replyAll([])] },
  );
  const error = await echo.clock.until(failureOf(echo.client.server({ text: "" })));
  expect(error).toMatchObject({ code: Code.NotFound, attempts: [{ code: "NOT_FOUND", durationMs: 50 }] });
  expect(echo.server.attempts.map(({ end }) => end?.kind)).toEqual(["cancelled", "server"]);
  expect(await echo.clock.until(collect(echo.client.server({ text: "" })))).toEqual([]);
});

describe("a client-streaming method", () => {
  test("whose response comes in time and its status too late has missed the deadline", async () => {
    await using echo = openScriptedEcho(
      { service: "response_timeout_millis: 1000" },
      { client: replyAll([{ text: "" }], { end: staySilent() }) },
    );
    const error = await echo.clock.until(failureOf(echo.client.client(messages("a"))));
    expect(error).toMatchObject({ reason: "deadline_exceeded", code: Code.DeadlineExceeded });
    expect(String(error)).toContain("the deadline of 1 s, set by the contract, passed");
    expect(echo.clock.nowMs()).toBe(1000);
  });
});

describe("a callback of the application that throws", () => {
  const throwing = (): never => {
    throw new RangeError("mine");
  };

  test.each([
    ["onHeader, before a message", { onHeader: throwing }, staySilent({ header: {} })],
    ["onHeader, at the first message", { onHeader: throwing }, replyAll([{ text: "" }], { end: staySilent() })],
    ["onTrailer", { onTrailer: throwing }, replyAll([{ text: "" }])],
  ])("fails the call with what it threw, and returns permits: %s", async (_, options, answer) => {
    const policies = { service: "max_concurrent_requests: 1 circuit_breaker {}" };
    await using echo = openScriptedEcho(policies, { server: [answer, replyAll([{ text: "next" }])] });
    await expect(collect(echo.client.server({ text: "" }, options))).rejects.toThrow(RangeError);
    await echo.clock.advanceAsync(0);
    expect(echo.server.running).toEqual([]);
    expect(await collect(echo.client.server({ text: "" }))).toEqual(["next"]);
  });

  test("fails a unary call too", async () => {
    await using echo = openScriptedEcho({ service: "max_concurrent_requests: 1" }, { unary: reply({ text: "next" }) });
    for (const options of [{ onHeader: throwing }, { onTrailer: throwing }]) {
      await expect(echo.client.unary({ text: "" }, options)).rejects.toThrow(RangeError);
    }
    expect((await echo.client.unary({ text: "" })).text).toBe("next");
  });
});

describe("a stream", () => {
  test("serves a reader who asks for several messages at once", async () => {
    await using echo = openScriptedEcho({}, { server: replyAll([{ text: "a" }, { text: "b" }], { delayMs: 10 }) });
    const stream = echo.client.server({ text: "" })[Symbol.asyncIterator]();
    const reads = [stream.next(), stream.next(), stream.next()];
    const read = await echo.clock.until(Promise.all(reads));
    expect(read.map(({ value }) => value?.text)).toEqual(["a", "b", undefined]);
  });

  test("lasts as long as its messages keep coming, and leaves no timer behind", async () => {
    const texts = Array.from({ length: 6 }, () => ({ text: "" }));
    await using echo = openScriptedEcho(
      { service: "response_timeout_millis: 100 stream_idle_timeout_millis: 100 stream_max_duration_millis: 5000" },
      {
        server: [
          replyAll(texts, { gapMs: 60 }),
          fail(Code.NotFound),
          replyAll(texts, { gapMs: 60, end: staySilent() }),
        ],
      },
    );
    const { client, clock } = echo;
    expect(await clock.until(collect(client.server({ text: "" })))).toHaveLength(6);
    expect([clock.nowMs(), clock.pendingTimers]).toEqual([360, 0]);
    await failureOf(client.server({ text: "" }));
    expect(clock.pendingTimers).toBe(0);
    expect(await clock.until(failureOf(client.server({ text: "" })))).toMatchObject({
      reason: "stream_timeout",
      attempts: [{ code: "DEADLINE_EXCEEDED", durationMs: 5 * 60 + 100 }],
    });
    expect([clock.nowMs(), clock.pendingTimers]).toEqual([360 + 5 * 60 + 100, 0]);
  });

  test.each([
    ["deadline_exceeded", "before its first message", staySilent()],
    ["stream_timeout", "after it", replyAll([{ text: "" }], { end: staySilent() })],
  ])("that lasts too long fails with %s %s", async (reason, _, script) => {
    await using echo = openScriptedEcho({ service: "stream_max_duration_millis: 500" }, { server: script });
    const { client, clock } = echo;
    const timeout = { timeoutMs: 500, setBy: "contract" };
    expect(await clock.until(failureOf(client.server({ text: "" })))).toMatchObject({ reason, timeout });
    expect(clock.nowMs()).toBe(500);
  });

  test("whose first message comes in the very moment in which its time is up has missed the deadline", async () => {
    await using echo = openScriptedEcho(
      { service: "response_timeout_millis: 100" },
      { server: replyAll([{ text: "" }], { delayMs: 100 }) },
    );
    const first = echo.client.server({ text: "" })[Symbol.asyncIterator]().next();
    await echo.clock.advanceAsync(50);
    // In one turn: the cancel is on its way, and so is the message.
    echo.clock.advance(50);
    await expect(first).rejects.toMatchObject({ reason: "deadline_exceeded", code: Code.DeadlineExceeded });
  });
});

test("an attempt that may take as long as its call ends by the deadline of the call", async () => {
  await using echo = openScriptedEcho(
    { service: "response_timeout_millis: 1000 retry { per_attempt_timeout_millis: 600 initial_backoff_millis: 100 }" },
    { unary: [fail(Code.Unavailable, { delayMs: 300 }), staySilent()] },
  );
  expect(await echo.clock.until(failureOf(echo.client.unary({ text: "" })))).toMatchObject({
    reason: "deadline_exceeded",
    message: expect.stringContaining("the deadline of 1 s, set by the contract, passed"),
  });
});

describe("the time for one attempt", () => {
  const service = "response_timeout_millis: 1000 retry { max_attempts: 3 per_attempt_timeout_millis: 100 }";
  const off = "option (service_client.method_config).retry.max_attempts = 1;";
  const hedging = `${off} option idempotency_level = IDEMPOTENT;
    option (service_client.method_config).hedging = { hedging_delay_millis: 500 };`;

  test.each([off, hedging])("is not that of a method that switches retry off: %s", async (method) => {
    await using echo = openScriptedEcho({ service, method }, { unary: reply({ text: "late" }, { delayMs: 300 }) });
    const { text } = await echo.clock.until(echo.client.unary({ text: "" }));
    expect(text).toBe("late");
    expect(echo.server.attempts).toMatchObject([{ timeoutMs: 1000 }]);
  });

  test("stays when an override caps attempts, which is to make no call last longer", async () => {
    setOverrides({ reason: "INC-7", rules: [{ service: "*", maxAttempts: 1 }] });
    await using echo = openScriptedEcho({ service }, { unary: staySilent() });
    const error = await echo.clock.until(failureOf(echo.client.unary({ text: "" })));
    expect(error).toMatchObject({ reason: "attempt_timeout", timeout: { timeoutMs: 100 } });
  });
});

test("an override that comes under a stream lets it announce no second header", async () => {
  const headers: (string | null)[] = [];
  const script = (): ReturnType<typeof fail> => {
    setOverrides({ reason: "INC-7", rules: [{ service: "*", maxAttempts: 1 }] });
    return fail(Code.Unavailable, { header: { "x-attempt": "failed" } });
  };
  const answers = [script, () => replyAll([{ text: "well" }], { header: { "x-attempt": "answered" } })];
  await using echo = openScriptedEcho(
    { service: retried },
    { server: ({ number }) => answers[number - 1]?.() ?? staySilent() },
  );
  const onHeader = (header: Headers): void => void headers.push(header.get("x-attempt"));
  expect(await echo.clock.until(collect(echo.client.server({ text: "" }, { onHeader })))).toEqual(["well"]);
  expect(headers).toEqual(["answered"]);
});

test.each(["unary", "server", "client", "bidi"] as const)(
  "a caller who wants one attempt gets one (%s)",
  async (kind) => {
    const script = { unary: failed, server: failed, client: failed, bidi: failed };
    await using echo = openScriptedEcho({ service: retried }, script);
    const request = kind === "client" || kind === "bidi" ? messages("q") : { text: "q" };
    const call = echo.client[kind](request as never, withoutRetry());
    expect(await echo.clock.until(failureOf(call))).toMatchObject({
      reason: "status",
      attempts: [{ code: "UNAVAILABLE" }],
    });
    expect(echo.server.attempts).toHaveLength(1);
  },
);

test("the breaker is told how long an attempt took", async () => {
  const clock = new VirtualClock(50_000);
  await using echo = openScriptedEcho(
    {
      service: `response_timeout_millis: 1000
        circuit_breaker { minimum_request_threshold: 1 slow_call_duration_millis: 100 slow_call_rate_threshold: 0.4 }`,
    },
    { unary: [reply({ text: "" }, { delayMs: 100 }), reply({ text: "" }, { delayMs: 101 })] },
    { clock },
  );
  await clock.until(echo.client.unary({ text: "" }));
  await clock.until(echo.client.unary({ text: "" }));
  expect(await failureOf(echo.client.unary({ text: "" }))).toMatchObject({ reason: "circuit_breaker_open" });
  expect(echo.server.attempts).toHaveLength(2);
});

test("to the breaker a stream has succeeded with its first message, however it ends", async () => {
  await using echo = openScriptedEcho(
    { service: "circuit_breaker { minimum_request_threshold: 1 failure_rate_threshold: 0.1 }" },
    {
      server: [
        replyAll([{ text: "" }], { end: fail(Code.Unavailable) }),
        replyAll([{ text: "" }]),
        fail(Code.Unavailable),
      ],
    },
  );
  const reasons: unknown[] = [];
  for (let i = 0; i < 4; i++) {
    const outcome = collect(echo.client.server({ text: "" }));
    reasons.push(
      await outcome.then(
        () => "ok",
        ({ reason }) => reason,
      ),
    );
  }
  expect(reasons).toEqual(["status", "ok", "status", "circuit_breaker_open"]);
});

test("a call that its caller has cancelled is not tried again, though its connection is lost in the same moment", async () => {
  await using echo = openScriptedEcho(
    { service: retried, method: "option idempotency_level = IDEMPOTENT;" },
    { unary: staySilent(), server: staySilent() },
  );
  for (const method of ["unary", "server"] as const) {
    const controller = new AbortController();
    const failed = failureOf(echo.client[method]({ text: "" }, { signal: controller.signal }));
    await echo.clock.advanceAsync(10);
    controller.abort();
    echo.server.stop();
    expect(await failed).toMatchObject({ reason: "cancelled" });
    expect(echo.clock.pendingTimers).toBe(0);
    echo.server.start();
  }
  expect(echo.server.attempts.map(({ end }) => end?.kind)).toEqual(["connection_lost", "connection_lost"]);
});
