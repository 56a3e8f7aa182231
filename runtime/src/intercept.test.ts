// SPDX-License-Identifier: Apache-2.0
import { Code, type Interceptor } from "@connectrpc/connect";
import { afterEach, describe, expect, test } from "vitest";
import { collect, failureOf } from "../../test/e2e/echo.ts";
import { openScriptedEcho, type ScriptedEcho } from "../../test/e2e/scripted-echo.ts";
import { configureTalaria } from "./configure.ts";
import { runInCallScope } from "./context/call-scope.ts";
import { scopedOptions } from "./context/propagate.ts";
import { fail, reply, replyAll, staySilent } from "./testing/answer.ts";
import { VirtualClock } from "./testing/virtual-clock.ts";

afterEach(() => configureTalaria({}));

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
        message: expect.stringContaining("last cause: nothing was sent"),
      });
      expect(clock.nowMs()).toBe(100);
      await clock.runToEnd();
      expect(clock.nowMs()).toBe(1000);
      expect(server.attempts).toEqual([]);
    },
  );

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
