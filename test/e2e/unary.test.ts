// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError } from "@connectrpc/connect";
import { status as Status } from "@grpc/grpc-js";
import { CallError } from "@talaria/runtime";
import { describe, expect, test } from "vitest";
import {
  type Echo,
  type EchoHandlers,
  type EchoOptions,
  failure,
  failureOf,
  openEcho as openAnyEcho,
  text,
} from "./echo.ts";

// One goes through the channel, which waits for a connection; the other straight to the connection.
describe.each([
  { of: "a new client", connected: false },
  { of: "a connected client", connected: true },
])("unary calls of $of", ({ connected }) => {
  const openEcho = (options: EchoOptions, handlers: EchoHandlers): Promise<Echo> =>
    openAnyEcho({ ...options, connected }, handlers);

  test("carry messages, headers and trailers both ways", async () => {
    const seen: unknown[] = [];
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      {
        unary(call, reply) {
          seen.push(call.metadata.get("x-plain")[0], call.metadata.get("x-raw-bin")[0]);
          call.sendMetadata(failure(0, "", { "x-header": "h" }).metadata);
          reply(null, text(echo.service, `${call.request.text}!`), failure(0, "", { "x-trailer": "t" }).metadata);
        },
      },
    );
    const headers: (string | null)[] = [];
    const response = await echo.client.unary(
      { text: "hello" },
      {
        headers: { "x-plain": "a, b", "x-raw-bin": "AAEC", "grpc-timeout": "1n" },
        onHeader: (header) => headers.push(header.get("x-header")),
        onTrailer: (trailer) => headers.push(trailer.get("x-trailer")),
      },
    );
    expect(response.text).toBe("hello!");
    expect(headers).toEqual(["h", "t"]);
    expect(seen).toEqual(["a, b", Buffer.from([0, 1, 2])]);
  });

  test.each(["response_timeout_millis: 2147483647", ""])(
    "tell a server on Node.js no more than its timer runs for, by a contract with %j",
    async (service) => {
      await using echo = await openEcho(
        { service },
        { unary: (_, reply) => void setTimeout(() => reply(null, text(echo.service, "in time")), 30) },
      );
      const { text: answer } = await echo.client.unary({ text: "" }, { timeoutMs: 2_147_483_648 });
      expect(answer).toBe("in time");
    },
  );

  test("tell the server the contract's deadline, and end at it", async () => {
    const deadlines: number[] = [];
    await using echo = await openEcho(
      { service: "response_timeout_millis: 300" },
      { unary: (call) => void deadlines.push(Number(call.getDeadline()) - Date.now()) },
    );
    const startedAtMs = performance.now();
    const error = await failureOf(echo.client.unary({ text: "" }));
    const tookMs = performance.now() - startedAtMs;
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({
      reason: "deadline_exceeded",
      code: Code.DeadlineExceeded,
      attempts: [{ peer: `127.0.0.1:${echo.server.port}`, code: "DEADLINE_EXCEEDED" }],
    });
    expect(String(error)).toContain("the deadline of 300 ms, set by the contract, passed for echo.v1.Echo/Unary");
    expect(deadlines).toHaveLength(1);
    expect(deadlines[0]).toBeGreaterThan(150);
    expect(deadlines[0]).toBeLessThanOrEqual(300);
    expect(tookMs).toBeGreaterThanOrEqual(299);
    expect(tookMs).toBeLessThan(1500);
  });

  test("a caller may shorten the deadline, and never lengthen it", async () => {
    const deadlines: number[] = [];
    await using echo = await openEcho(
      { service: "response_timeout_millis: 2000" },
      {
        unary(call, reply) {
          deadlines.push(Number(call.getDeadline()) - Date.now());
          reply(null, text(echo.service, ""));
        },
      },
    );
    for (const timeoutMs of [500, 60_000, 0]) {
      await echo.client.unary({ text: "" }, { timeoutMs });
    }
    const [shortened, ...others] = deadlines;
    expect(shortened).toBeLessThanOrEqual(500);
    for (const deadline of others) {
      expect(deadline).toBeGreaterThan(1000);
      expect(deadline).toBeLessThanOrEqual(2000);
    }
  });

  test("are tried again as the contract says; each attempt says how many came before", async () => {
    const previous: unknown[] = [];
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000 retry { max_attempts: 3 initial_backoff_millis: 10 }" },
      {
        unary(call, reply) {
          previous.push(call.metadata.get("grpc-previous-rpc-attempts")[0]);
          if (previous.length < 3) {
            reply(failure(Status.UNAVAILABLE, "not yet"));
          } else {
            reply(null, text(echo.service, "at last"));
          }
        },
      },
    );
    const response = await echo.client.unary({ text: "" });
    expect(response.text).toBe("at last");
    expect(previous).toEqual([undefined, "1", "2"]);
  });

  test("give up when the attempts are used, and list them", async () => {
    let attempts = 0;
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000 retry { max_attempts: 3 initial_backoff_millis: 10 }" },
      {
        unary(_call, reply) {
          attempts++;
          reply(failure(Status.UNAVAILABLE, "no"));
        },
      },
    );
    const error = await failureOf(echo.client.unary({ text: "" }));
    expect(attempts).toBe(3);
    expect(error).toMatchObject({ reason: "status", code: Code.Unavailable });
    expect((error as CallError).attempts.map(({ code }) => code)).toEqual([
      "UNAVAILABLE",
      "UNAVAILABLE",
      "UNAVAILABLE",
    ]);
    expect(String(error)).toContain("no (after 3 attempts: UNAVAILABLE from 127.0.0.1:");
  });

  test("are not tried again for a code that is not listed", async () => {
    let attempts = 0;
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000 retry { max_attempts: 3 initial_backoff_millis: 10 }" },
      {
        unary(_call, reply) {
          attempts++;
          reply(failure(Status.NOT_FOUND, "no such thing"));
        },
      },
    );
    const error = await failureOf(echo.client.unary({ text: "" }));
    expect(attempts).toBe(1);
    expect(error).toMatchObject({ reason: "status", code: Code.NotFound, rawMessage: "no such thing" });
  });

  test("without an idempotency level, are not tried again when the connection is lost", async () => {
    for (const [method, expected] of [
      ["", 1],
      ["option idempotency_level = IDEMPOTENT;", 3],
    ] as const) {
      let attempts = 0;
      await using echo = await openEcho(
        { service: "response_timeout_millis: 5000 retry { max_attempts: 3 initial_backoff_millis: 10 }", method },
        {
          unary(call) {
            attempts++;
            // Resets the connection under the call: the request was read, no answer came.
            (call as unknown as { call: { stream: { session: { destroy(): void } } } }).call.stream.session.destroy();
          },
        },
      );
      const error = await failureOf(echo.client.unary({ text: "" }));
      expect(attempts).toBe(expected);
      expect(error).toMatchObject({ reason: "connection_lost", code: Code.Unavailable });
      expect(String(error).includes("option idempotency_level = IDEMPOTENT")).toBe(method === "");
    }
  });

  test("a slow attempt is cut and tried again, when the contract limits attempts", async () => {
    const deadlines: number[] = [];
    await using echo = await openEcho(
      {
        service:
          "response_timeout_millis: 5000 retry { max_attempts: 2 initial_backoff_millis: 10 per_attempt_timeout_millis: 200 }",
        method: "option idempotency_level = IDEMPOTENT;",
      },
      {
        unary(call, reply) {
          deadlines.push(Number(call.getDeadline()) - Date.now());
          if (deadlines.length === 2) {
            reply(null, text(echo.service, "second"));
          }
        },
      },
    );
    const response = await echo.client.unary({ text: "" });
    expect(response.text).toBe("second");
    expect(deadlines).toHaveLength(2);
    for (const deadline of deadlines) {
      expect(deadline).toBeLessThanOrEqual(200);
    }
  });

  test("a server that asks not to be tried again is not", async () => {
    let attempts = 0;
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000 retry { max_attempts: 5 initial_backoff_millis: 10 }" },
      {
        unary(_call, reply) {
          attempts++;
          reply(failure(Status.UNAVAILABLE, "go away", { "grpc-retry-pushback-ms": attempts === 1 ? "30" : "-1" }));
        },
      },
    );
    const error = await failureOf(echo.client.unary({ text: "" }));
    expect(attempts).toBe(2);
    expect(String(error)).toContain("the server asked for that");
  });

  test("a breaker opens, refuses without sending, and heals", async () => {
    let attempts = 0;
    let healthy = false;
    await using echo = await openEcho(
      {
        service: `response_timeout_millis: 5000
          circuit_breaker { minimum_request_threshold: 4 circuit_open_window_millis: 300 open_window_jitter: 0 }`,
      },
      {
        unary(_call, reply) {
          attempts++;
          if (healthy) {
            reply(null, text(echo.service, "well"));
          } else {
            reply(failure(Status.UNAVAILABLE, "ill"));
          }
        },
      },
    );
    for (let i = 0; i < 4; i++) {
      await failureOf(echo.client.unary({ text: "" }));
    }
    await using another = echo.open();
    for (const client of [echo.client, another]) {
      const refusal = await failureOf(client.unary({ text: "" }));
      expect(refusal).toMatchObject({ reason: "circuit_breaker_open", code: Code.Unavailable, attempts: [] });
      expect(String((refusal as Error).cause)).toContain("ill");
      expect(String(refusal)).toMatch(
        /circuit breaker open for echo\.v1\.Echo\/Unary: 4 of 4 attempts failed \(100 % >= 50 %\) in 20 s; next trial in \d+ ms/,
      );
    }
    expect(attempts).toBe(4);
    healthy = true;
    await expect
      .poll(
        () =>
          echo.client.unary({ text: "" }).then(
            ({ text }) => text,
            () => "",
          ),
        { timeout: 5000 },
      )
      .toBe("well");
    expect(attempts).toBe(5);
  });

  test("one call too many is refused at once", async () => {
    const waiting: (() => void)[] = [];
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000 max_concurrent_requests: 2" },
      { unary: (_call, reply) => void waiting.push(() => reply(null, text(echo.service, "done"))) },
    );
    const calls = [echo.client.unary({ text: "" }), echo.client.unary({ text: "" })];
    const refusal = await failureOf(echo.client.unary({ text: "" }));
    expect(refusal).toMatchObject({ reason: "concurrency_limit", code: Code.ResourceExhausted, attempts: [] });
    await expect.poll(() => waiting.length).toBe(2);
    for (const answer of waiting) {
      answer();
    }
    await Promise.all(calls);
    const further = echo.client.unary({ text: "" });
    await expect.poll(() => waiting.length).toBe(3);
    waiting[2]?.();
    expect((await further).text).toBe("done");
  });

  test("a cancelled call ends at the server too", async () => {
    let cancelled = false;
    const received = Promise.withResolvers<void>();
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      {
        unary(call) {
          call.on("cancelled", () => (cancelled = true));
          received.resolve();
        },
      },
    );
    const controller = new AbortController();
    const call = echo.client.unary({ text: "" }, { signal: controller.signal });
    received.promise.then(
      () => controller.abort(),
      () => undefined,
    );
    expect(await failureOf(call)).toMatchObject({ reason: "cancelled", code: Code.Canceled });
    await expect.poll(() => cancelled).toBe(true);
    const late = echo.client.unary({ text: "" }, { signal: controller.signal });
    expect(await failureOf(late)).toMatchObject({ reason: "cancelled" });
  });

  test("error details arrive", async () => {
    // google.rpc.Status { code: 9, message: "rich", details: [Any { type_url: "type.googleapis.com/x.Y", value: 01 }] }
    const any = Buffer.from("0a1774 7970652e676f6f676c65617069732e636f6d2f782e59120101".replaceAll(" ", ""), "hex");
    const rich = Buffer.concat([
      Buffer.from("08091204", "hex"),
      Buffer.from("rich"),
      Buffer.from([0x1a, any.length]),
      any,
    ]);
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      {
        unary(_call, reply) {
          const status = failure(Status.FAILED_PRECONDITION, "plain");
          status.metadata.set("grpc-status-details-bin", rich);
          reply(status);
        },
      },
    );
    const error = await failureOf(echo.client.unary({ text: "" }));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ code: Code.FailedPrecondition, rawMessage: "rich" });
    expect((error as ConnectError).details).toEqual([{ type: "x.Y", value: new Uint8Array([1]) }]);
  });

  test("a required header that is missing keeps the call from being sent", async () => {
    let calls = 0;
    await using echo = await openEcho(
      { service: 'response_timeout_millis: 5000 required_headers: ["x-tenant"]' },
      {
        unary(_call, reply) {
          calls++;
          reply(null, text(echo.service, ""));
        },
      },
    );
    const error = await failureOf(echo.client.unary({ text: "" }));
    expect(error).toMatchObject({ reason: "missing_header", code: Code.InvalidArgument });
    expect(String(error)).toContain("x-tenant");
    expect(calls).toBe(0);
    await echo.client.unary({ text: "" }, { headers: { "X-Tenant": "a" } });
    expect(calls).toBe(1);
  });

  test("a header that cannot be sent fails the call, and leaves nothing behind", async () => {
    await using echo = await openEcho({ service: 'response_timeout_millis: 5000 required_headers: ["x-tenant"]' }, {});
    const error = await failureOf(echo.client.unary({ text: "" }, { headers: { "x tenant": "a" } }));
    expect(error).toMatchObject({ reason: "local", code: Code.InvalidArgument, attempts: [] });
    const streamed = await failureOf(echo.client.server({ text: "" }, { headers: { "x tenant": "a" } }));
    expect(streamed).toMatchObject({ reason: "local", code: Code.InvalidArgument });
  });

  test("closing lets a call in flight finish and refuses further ones", async () => {
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      { unary: (_call, reply) => void setTimeout(() => reply(null, text(echo.service, "finished")), 100) },
    );
    const client = echo.open();
    const call = client.unary({ text: "" });
    const closed = client[Symbol.asyncDispose]();
    expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ reason: "client_closed" });
    expect((await call).text).toBe("finished");
    await closed;
  });

  test("with wait_for_ready, wait for a backend; without, fail at once", async () => {
    for (const [timeoutMs, option, reason] of [
      [5000, "", "connection_lost"],
      [400, "wait_for_ready: true", "deadline_exceeded"],
    ] as const) {
      await using echo = await openEcho({ service: `response_timeout_millis: ${timeoutMs} ${option}` }, {});
      await echo.server.close();
      const startedAtMs = performance.now();
      const error = await failureOf(echo.client.unary({ text: "" }));
      expect(error).toMatchObject({ reason });
      expect(performance.now() - startedAtMs > timeoutMs - 50).toBe(reason === "deadline_exceeded");
    }
  });
});
