// SPDX-License-Identifier: Apache-2.0
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { Code, type Interceptor } from "@connectrpc/connect";
import { status as Status } from "@grpc/grpc-js";
import { type CallError, contractOf, createServiceClient, runInCallScope, setOverrides } from "@talaria/runtime";
import { afterEach, describe, expect, test } from "vitest";
import { captureWarnings } from "../support/warnings.ts";
import {
  collect,
  type Echo,
  type EchoClient,
  type EchoHandlers,
  echoService,
  failure,
  failureOf,
  messages,
  openEcho,
  text,
} from "./echo.ts";

captureWarnings(
  "TALARIA_OVERRIDE",
  /^overrides (are in force \(setOverrides\(\)\): \{"reason":"INC-7"|were taken back)|departs from its contract \(a slow test\)/,
);
afterEach(() => setOverrides(undefined));

/** A server whose streams tick without end, and whose unary method is silent. */
function openTicking(service: string): Promise<Echo> {
  const handlers: EchoHandlers = {
    server(call) {
      const tick = (): void => void call.write(call.request);
      tick();
      const timer = setInterval(tick, 50);
      call.on("cancelled", () => clearInterval(timer));
    },
  };
  return openEcho({ service }, handlers);
}

describe("a stream whose time is up", () => {
  test("by its caller says so, and is no stream that its contract finds too long", async () => {
    await using echo = await openTicking("response_timeout_millis: 5000 stream_max_duration_millis: 60000");
    const error = await failureOf(echo.client.server({ text: "" }, { timeoutMs: 1000 }));
    expect(error).toMatchObject({
      reason: "deadline_exceeded",
      code: Code.DeadlineExceeded,
      timeout: { timeoutMs: 1000, setBy: "caller" },
    });
    expect(String(error)).toMatch(
      /the deadline of 1 s, set by the caller, passed for echo\.v1\.Echo\/Server while its stream was open, after \d+ messages/,
    );
  });

  test("by the call being served says so", async () => {
    await using echo = await openTicking("response_timeout_millis: 5000");
    const error = await runInCallScope({ timeoutMs: 1000 }, () => failureOf(echo.client.server({ text: "" })));
    expect(error).toMatchObject({ reason: "deadline_exceeded", timeout: { setBy: "inherited" } });
    expect(String(error)).toContain("set by the call being served, passed");
  });

  test("by its contract says so, though its caller gave it longer", async () => {
    await using echo = await openTicking("response_timeout_millis: 1000 stream_max_duration_millis: 1200");
    const error = await failureOf(echo.client.server({ text: "" }, { timeoutMs: 4000 }));
    expect(error).toMatchObject({ reason: "stream_timeout", timeout: { timeoutMs: 1200, setBy: "contract" } });
    expect(String(error)).toContain("lasted 1.2 s, the longest its contract allows");
  });
});

describe("a timeout names who set it:", () => {
  const service = "response_timeout_millis: 400 retry { max_attempts: 3 initial_backoff_millis: 10 }";

  test.each([
    ["the contract", { timeoutMs: 9000 }, { timeoutMs: 400, setBy: "contract" }, "400 ms, set by the contract, passed"],
    ["the caller", { timeoutMs: 150 }, { timeoutMs: 150, setBy: "caller" }, "150 ms, set by the caller, passed"],
  ] as const)("%s", async (_, options, timeout, words) => {
    await using echo = await openEcho({ service }, { unary: () => undefined });
    const error = await failureOf(echo.client.unary({ text: "" }, options));
    expect(error).toMatchObject({ reason: "deadline_exceeded", timeout });
    expect(String(error)).toContain(words);
  });

  test("an override of the process, with its reason and what the contract says", async () => {
    await using echo = await openEcho({ service }, { unary: () => undefined, server: () => undefined });
    setOverrides({ reason: "INC-7", rules: [{ service: "echo.v1.Echo", responseTimeoutMs: 200 }] });
    for (const call of [echo.client.unary({ text: "" }), echo.client.server({ text: "" })]) {
      const error = await failureOf(call);
      expect(error).toMatchObject({ reason: "deadline_exceeded", timeout: { timeoutMs: 200, setBy: "override" } });
      expect(String(error)).toContain(
        "200 ms, set by an override of this process (INC-7) in place of the contract's 400 ms, passed",
      );
    }
  });

  test("the override still, when it is taken back under the call", async () => {
    await using echo = await openEcho({ service }, { unary: () => undefined });
    setOverrides({ reason: "INC-7", rules: [{ service: "*", responseTimeoutMs: 200 }] });
    const failed = failureOf(echo.client.unary({ text: "" }));
    setOverrides(undefined);
    expect(await failed).toMatchObject({ timeout: { timeoutMs: 200, setBy: "override" } });
  });

  test("the override that its client was opened with", async () => {
    await using echo = await openEcho({ service }, { unary: () => undefined });
    const override = { reason: "a slow test", methods: [{ method: "Unary", responseTimeoutMs: 250 }] };
    const opened = createServiceClient(contractOf(echo.service), { target: echo.server.target, override });
    await using client = opened as unknown as EchoClient;
    expect(String(await failureOf(client.unary({ text: "" })))).toContain(
      "set by the override that its client was opened with (a slow test) in place of the contract's 400 ms",
    );
  });

  test("attempts that an override has capped name it too", async () => {
    await using echo = await openEcho(
      { service },
      { unary: (_call, reply) => reply(failure(Status.UNAVAILABLE, "no")) },
    );
    setOverrides({ reason: "INC-7", rules: [{ service: "*", maxAttempts: 1 }] });
    expect(String(await failureOf(echo.client.unary({ text: "" })))).toContain(
      "not tried again: an override of this process (INC-7) allows 1 attempt",
    );
  });
});

test("a call that an override keeps from another attempt names it, and does not blame the server for it", async () => {
  await using echo = await openEcho(
    { service: "response_timeout_millis: 1000 retry { initial_backoff_millis: 10 }" },
    {
      unary(_call, reply) {
        setOverrides({ reason: "INC-7", rules: [{ service: "*", circuitBreaker: "open" }] });
        reply(failure(Status.UNAVAILABLE, "no"));
      },
    },
  );
  const error = (await failureOf(echo.client.unary({ text: "" }))) as CallError;
  expect(error).toMatchObject({ reason: "status", attempts: [{ code: "UNAVAILABLE" }] });
  expect(error.rawMessage).toBe(
    "no (not tried again: an override of this process (INC-7) holds the circuit breaker open)",
  );
});

describe("a refusal of the breaker", () => {
  test("carries the state and the numbers that it opened by", async () => {
    await using echo = await openEcho(
      {
        service: `response_timeout_millis: 1000 circuit_breaker {
          minimum_request_threshold: 4 counter_sliding_window_millis: 20000
          circuit_open_window_millis: 10000 open_window_jitter: 0
        }`,
      },
      {
        unary: (call, reply) =>
          call.request.text === "fail" ? reply(failure(Status.INTERNAL, "ill")) : reply(null, call.request),
      },
    );
    await echo.client.unary({ text: "well" });
    for (let i = 0; i < 3; i++) {
      await failureOf(echo.client.unary({ text: "fail" }));
    }
    const error = (await failureOf(echo.client.unary({ text: "well" }))) as CallError;
    expect(error.breaker).toEqual({
      breaker: "echo.v1.Echo/Unary",
      state: "OPEN",
      held: false,
      trip: { kind: "failures", count: 3, total: 4, rate: 0.75, threshold: 0.5 },
      windowMs: 20_000,
      nextTrialInMs: error.retryAfterMs,
    });
    expect(error.breaker?.nextTrialInMs).toBeGreaterThan(9000);
    expect(error.breaker?.nextTrialInMs).toBeLessThanOrEqual(10_000);
  });

  test("says when an override holds it", async () => {
    await using echo = await openEcho({ service: "response_timeout_millis: 1000" }, {});
    setOverrides({ reason: "INC-7", rules: [{ service: "*", circuitBreaker: "open" }] });
    expect(await failureOf(echo.client.unary({ text: "" }))).toMatchObject({
      reason: "circuit_breaker_open",
      breaker: { state: "OPEN", held: true, trip: undefined, nextTrialInMs: undefined },
    });
  });
});

describe("a call that is committed says so, where it would else have been tried again:", () => {
  const service = "response_timeout_millis: 5000 retry { max_attempts: 3 initial_backoff_millis: 10 }";

  test("a request larger than what is kept", async () => {
    let attempts = 0;
    await using echo = await openEcho(
      { service },
      {
        server(call) {
          attempts++;
          call.emit("error", failure(Status.UNAVAILABLE, "not yet"));
        },
      },
    );
    const large = "x".repeat(1.5 * 1024 * 1024);
    const error = await failureOf(echo.client.server({ text: large }));
    expect(error).toMatchObject({ reason: "status", code: Code.Unavailable });
    expect(String(error)).toContain(
      "not tried again, committed: the request messages exceed the 1 MiB that are kept for a further attempt",
    );
    expect(attempts).toBe(1);
  });

  test("a response that has begun", async () => {
    await using echo = await openEcho(
      { service },
      {
        server(call) {
          call.write(text(echo.service, "first"), () => call.emit("error", failure(Status.UNAVAILABLE, "then gone")));
        },
      },
    );
    const error = await failureOf(echo.client.server({ text: "" }));
    expect(error).toMatchObject({ reason: "status", attempts: [{ code: "UNAVAILABLE" }] });
    expect(String(error)).toContain("not tried again, committed: a response message had already reached the caller");
  });

  test("and is silent about it, where it would not", async () => {
    await using echo = await openEcho(
      { service },
      {
        server(call) {
          call.write(text(echo.service, "first"), () => call.emit("error", failure(Status.NOT_FOUND, "gone")));
        },
      },
    );
    expect(String(await failureOf(echo.client.server({ text: "" })))).not.toContain("committed");
  });
});

describe("a server that breaks the protocol with the number of its answers", () => {
  const frame = Buffer.from([0, 0, 0, 0, 4, 0x0a, 2, 0x6f, 0x6b]);

  /** Sends so many messages, whatever the method, and OK. */
  async function openRaw(answers: number): Promise<{ target: string } & AsyncDisposable> {
    const sessions = new Set<ServerHttp2Session>();
    const server = createServer();
    server.on("session", (session) => sessions.add(session));
    server.on("stream", (stream: ServerHttp2Stream) => {
      stream.on("error", () => undefined).resume();
      stream.respond({ ":status": 200, "content-type": "application/grpc+proto" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.concat(Array.from({ length: answers }, () => frame)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      target: `dns:///127.0.0.1:${(server.address() as AddressInfo).port}`,
      async [Symbol.asyncDispose]() {
        for (const session of sessions) {
          session.destroy();
        }
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  test.each([
    ["unary", 0, "no response message"],
    ["unary", 2, "more than one response message"],
    ["client", 0, "no response message"],
    ["client", 2, "more than one response message"],
  ] as const)(
    "(%s, %i) fails the call with UNIMPLEMENTED, of which watchers hear too",
    async (kind, answers, words) => {
      await using server = await openRaw(answers);
      const heard: unknown[] = [];
      const opened = createServiceClient(contractOf(echoService({ service: "response_timeout_millis: 3000" })), {
        target: server.target,
        hooks: {
          onAttemptEnd: ({ code }) => heard.push(["attempt", code]),
          onCallEnd: ({ code, reason }) => heard.push(["call", code, reason]),
        },
      });
      await using client = opened as unknown as EchoClient;
      const error = await failureOf(kind === "unary" ? client.unary({ text: "" }) : client.client(messages("a", "b")));
      expect(error).toMatchObject({
        reason: "local",
        code: Code.Unimplemented,
        attempts: [{ code: "UNIMPLEMENTED", peer: server.target.replace("dns:///", "") }],
      });
      expect(String(error)).toContain(`protocol error: ${words}`);
      expect(heard).toEqual([
        ["attempt", "UNIMPLEMENTED"],
        ["call", "UNIMPLEMENTED", "local"],
      ]);
    },
  );

  test.each([
    [0, "interceptors left no response message"],
    [2, "interceptors made more than one response message"],
  ])("is told from interceptors that make %i messages of one", async (copies, words) => {
    await using server = await openRaw(1);
    const multiply: Interceptor = (next) => async (request) => {
      const response = await next(request);
      return response.stream ? { ...response, message: repeat(response.message, copies) } : response;
    };
    const opened = createServiceClient(contractOf(echoService({ service: "response_timeout_millis: 3000" })), {
      target: server.target,
      interceptors: [multiply],
    });
    await using client = opened as unknown as EchoClient;
    const error = await failureOf(client.client(messages("a")));
    expect(error).toMatchObject({ reason: "local", code: Code.Unimplemented });
    expect(String(error)).toContain(words);
  });

  test("leaves streams alone, which may be empty", async () => {
    await using server = await openRaw(0);
    const opened = createServiceClient(contractOf(echoService({ service: "response_timeout_millis: 3000" })), server);
    await using client = opened as unknown as EchoClient;
    expect(await collect(client.server({ text: "" }))).toEqual([]);
  });
});

async function* repeat<T>(messages: AsyncIterable<T>, copies: number): AsyncGenerator<T> {
  for await (const message of messages) {
    yield* Array.from({ length: copies }, () => message);
  }
}

test("closing a client tells whether something was sent", async () => {
  const came = Promise.withResolvers<void>();
  await using echo = await openEcho({ service: "response_timeout_millis: 5000" }, { server: () => came.resolve() });
  const client = echo.open();
  const open = failureOf(client.server({ text: "" }));
  await came.promise;
  await client[Symbol.asyncDispose]();
  expect(String(await open)).toContain(
    "was closed while a stream of echo.v1.Echo/Server was open; the server may have",
  );
  const late = await failureOf(client.unary({ text: "" }));
  expect(late).toMatchObject({ reason: "client_closed", attempts: [] });
  expect(String(late)).toContain("nothing was sent");
});
