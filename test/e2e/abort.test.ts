// SPDX-License-Identifier: Apache-2.0
import { getEventListeners } from "node:events";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { status as Status } from "@grpc/grpc-js";
import {
  type CallError,
  configureTalaria,
  contractOf,
  createServiceClient,
  currentCallScope,
  runInCallScope,
} from "@talaria/runtime";
import { afterEach, describe, expect, test, vi } from "vitest";
import { collect, type Echo, type EchoClient, failure, failureOf, messages, openEcho, type Text } from "./echo.ts";

afterEach(() => {
  vi.restoreAllMocks();
  configureTalaria({});
});

/** Answers to `fail` with a failure, to `wait` with nothing, and to all else with itself. */
function open(): Promise<Echo> {
  return openEcho(
    { service: "response_timeout_millis: 5000" },
    {
      unary(call, reply) {
        if (call.request.text === "fail") {
          reply(failure(Status.NOT_FOUND, "none"));
        } else if (call.request.text !== "wait") {
          reply(null, call.request);
        }
      },
      server(call) {
        call.write(call.request);
        if (call.request.text !== "wait") {
          call.end();
        }
      },
      client(call, reply) {
        let last: Text | null = null;
        call.on("data", (message: Text) => {
          last = message;
        });
        call.on("end", () => reply(null, last));
      },
      bidi(call) {
        call.on("data", (message: Text) => call.write(message));
        call.on("end", () => call.end());
      },
    },
  );
}

const aroundAll: Interceptor = (next) => (request) => next(request);

/** Calls of every kind, with every kind of end. */
async function callInAllWays(client: EchoClient, signal: AbortSignal): Promise<void> {
  const options = { signal };
  await client.unary({ text: "a" }, options);
  await failureOf(client.unary({ text: "fail" }, options));
  await failureOf(client.unary({ text: "wait" }, { ...options, timeoutMs: 5 }));
  expect(await collect(client.server({ text: "a" }, options))).toEqual(["a"]);
  await failureOf(client.server({ text: "wait" }, { ...options, timeoutMs: 20 }));
  for await (const _ of client.server({ text: "wait" }, options)) {
    break;
  }
  await client.client(messages("a", "b"), options);
  expect(await collect(client.bidi(messages("a", "b"), options))).toEqual(["a", "b"]);
}

describe.each([
  ["without", []],
  ["with", [aroundAll]],
])("signals that outlive calls, %s interceptors,", (_, interceptors) => {
  test("have no listener left, and nothing that depends on them, after any number of calls", async () => {
    const any = vi.spyOn(AbortSignal, "any");
    await using echo = await open();
    const opened = createServiceClient(contractOf(echo.service), { target: echo.server.target, interceptors });
    await using client = opened as unknown as EchoClient;
    const callers = new AbortController();
    const scopes = new AbortController();
    const outer = new AbortController();
    await runInCallScope({ signal: outer.signal }, () =>
      runInCallScope({ signal: scopes.signal }, async () => {
        for (let i = 0; i < 8; i++) {
          await callInAllWays(client, callers.signal);
        }
      }),
    );
    for (const { signal } of [callers, scopes, outer]) {
      await expect.poll(() => getEventListeners(signal, "abort").length).toBe(0);
    }
    expect(any).not.toHaveBeenCalled();
  });

  test.each(["caller", "scope", "outer"] as const)("end calls, each of them: %s", async (who) => {
    await using echo = await open();
    const opened = createServiceClient(contractOf(echo.service), { target: echo.server.target, interceptors });
    await using client = opened as unknown as EchoClient;
    const controllers = { caller: new AbortController(), scope: new AbortController(), outer: new AbortController() };
    const options = { signal: controllers.caller.signal };
    const failures = runInCallScope({ signal: controllers.outer.signal }, () =>
      runInCallScope({ signal: controllers.scope.signal }, () =>
        Promise.all([
          failureOf(client.unary({ text: "wait" }, options)),
          failureOf(client.server({ text: "wait" }, options)),
        ]),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    controllers[who].abort(new Error("enough"));
    for (const error of await failures) {
      expect(error).toMatchObject({ reason: "cancelled", code: Code.Canceled });
      expect(String(error)).toContain("enough");
    }
    // Aborted before: nothing is sent.
    const late = runInCallScope({ signal: controllers.outer.signal }, () =>
      runInCallScope({ signal: controllers.scope.signal }, () => failureOf(client.unary({ text: "a" }, options))),
    );
    expect(await late).toMatchObject({ reason: "cancelled", attempts: [] });
  });

  test("that end since the time of what is served is up, as servers of Connect end theirs, end calls with DEADLINE_EXCEEDED", async () => {
    await using echo = await open();
    const opened = createServiceClient(contractOf(echo.service), { target: echo.server.target, interceptors });
    await using client = opened as unknown as EchoClient;
    const served = new AbortController();
    const failures = runInCallScope({ signal: served.signal }, () => [
      failureOf(client.unary({ text: "wait" })),
      failureOf(client.server({ text: "wait" })),
    ]);
    const timed = runInCallScope({ signal: served.signal, timeoutMs: 5000 }, () =>
      failureOf(client.unary({ text: "wait" })),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    served.abort(new ConnectError("the operation timed out", Code.DeadlineExceeded));
    const { timeout } = (await timed) as CallError;
    expect(timeout).toMatchObject({ setBy: "inherited" });
    expect(timeout?.timeoutMs).toBeGreaterThan(4000);
    const late = runInCallScope({ signal: served.signal }, () => failureOf(client.unary({ text: "a" })));
    for (const error of await Promise.all([...failures, late])) {
      expect(error).toMatchObject({ reason: "deadline_exceeded", code: Code.DeadlineExceeded, timeout: undefined });
      expect(String(error)).toMatch(/the deadline of what \S+ was called for passed: the operation timed out/);
    }
  });
});

test.each([
  ["a signal that is no signal", { signal: 5 }, /no AbortSignal/],
  ["a signal that is null", { signal: null }, /no AbortSignal/],
  ["a time that is a text", { timeoutMs: "500" }, /timeoutMs that is a string/],
  ["a time as protobuf has it", { timeoutMs: 500n }, /timeoutMs that is a bigint/],
  ["a number in place of options", 500, /with options that are a number; write an object, e\.g\. \{ timeoutMs: 500 \}/],
  ["headers that are a text", { headers: "x-tenant: acme" }, /headers that are a string/],
  ["headers that are null", { headers: null }, /headers that are null/],
  [
    "context values that are none",
    { contextValues: {} },
    /contextValues that are an object; write createContextValues/,
  ],
  ["a callback that is none", { onHeader: 1 }, /an onHeader that is a number; write a function/],
  ["another callback that is none", { onTrailer: "x" }, /an onTrailer that is a string; write a function/],
])("%s fails a call at once, and does not keep its client from closing", async (_, wrong, message) => {
  await using echo = await open();
  const options = wrong as unknown as { signal: AbortSignal };
  const refused = async (client: EchoClient): Promise<void> => {
    for (const call of [client.unary({ text: "a" }, options), client.server({ text: "a" }, options)]) {
      const error = await failureOf(call);
      expect(error).toMatchObject({ reason: "local", code: Code.InvalidArgument, attempts: [] });
      expect(String(error)).toMatch(message);
    }
  };
  await refused(echo.client);
  await runInCallScope({ timeoutMs: 5000, headers: { "x-tenant": "acme" } }, () => refused(echo.client));
  configureTalaria({ interceptors: [(next) => next] });
  await refused(echo.client);
});

test("a scope within a scope shows a signal that aborts with either", () => {
  for (const who of [0, 1]) {
    const controllers = [new AbortController(), new AbortController()] as const;
    const scope = runInCallScope({ signal: controllers[0].signal }, () =>
      runInCallScope({ signal: controllers[1].signal }, () => currentCallScope()),
    );
    expect(scope?.signal?.aborted).toBe(false);
    controllers[who]?.abort();
    expect(scope?.signal?.aborted).toBe(true);
  }
});

test("options that are null are none, and names that are unknown are left alone", async () => {
  await using echo = await open();
  const options = [null, { retries: 5 }] as unknown as { timeoutMs: number }[];
  for (const each of options) {
    expect((await echo.client.unary({ text: "a" }, each)).text).toBe("a");
    expect(await collect(echo.client.server({ text: "a" }, each))).toEqual(["a"]);
  }
});
