// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server } from "node:http";
import { constants, createServer as createHttp2Server, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter, type HandlerContext, type Transport } from "@connectrpc/connect";
import {
  connectNodeAdapter,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { createConnectTransport as createWebTransport } from "@connectrpc/connect-web";
import { type CallError, contractOf, guard } from "@talaria/runtime";
import { afterEach, describe, expect, test } from "vitest";
import { type Action, startRawServer } from "../differential/raw-server.ts";
import { collect, type EchoClient, echoService, failureOf, messages, type Text } from "./echo.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) {
    close();
  }
});

type Handlers = Record<string, (request: never, context: HandlerContext) => unknown>;

const retrying = {
  service: "response_timeout_millis: 2000 retry { max_attempts: 3 initial_backoff_millis: 10 }",
  method: "option idempotency_level = IDEMPOTENT;",
};

async function serve(service: DescService, handlers: Handlers, http2: boolean): Promise<string> {
  const routes = (router: ConnectRouter): void => {
    router.service(service, handlers as never);
  };
  const handler = connectNodeAdapter({ routes });
  const server: Server | Http2Server = http2 ? createHttp2Server(handler) : createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const transports: [name: string, http2: boolean, create: (baseUrl: string) => Transport][] = [
  ["connect-node, gRPC", true, (baseUrl) => createGrpcTransport({ baseUrl })],
  ["connect-node, gRPC-Web", false, (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" })],
  ["connect-node, Connect", true, (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" })],
  ["connect-web, Connect", false, (baseUrl) => createWebTransport({ baseUrl })],
];

describe.each(transports)("guard() over %s", (_, http2, create) => {
  async function open(options: Parameters<typeof echoService>[0], handlers: (service: DescService) => Handlers) {
    const service = echoService(options);
    const baseUrl = await serve(service, handlers(service), http2);
    return guard(create(baseUrl), contractOf(service)) as unknown as EchoClient;
  }

  test("tries again what the server says is unavailable, and counts for it", async () => {
    const previous: (string | null)[] = [];
    const client = await open(retrying, () => ({
      unary(request, context) {
        previous.push(context.requestHeader.get("grpc-previous-rpc-attempts"));
        if (previous.length < 3) {
          throw new ConnectError("not yet", Code.Unavailable);
        }
        return request;
      },
    }));
    expect((await client.unary({ text: "again" })).text).toBe("again");
    expect(previous).toEqual([null, "1", "2"]);
  });

  test("obeys a server that asks not to be tried again", async () => {
    let attempts = 0;
    const client = await open(retrying, () => ({
      unary() {
        attempts++;
        throw new ConnectError("no more", Code.Unavailable, { "grpc-retry-pushback-ms": "-1" });
      },
    }));
    const error = await failureOf(client.unary({ text: "" }));
    expect(String(error)).toContain("no more (not tried again: the server asked for that with grpc-retry-pushback-ms)");
    expect(attempts).toBe(1);
  });

  test("ends a call at the contract's deadline, which the server is told", async () => {
    const timeouts: (number | undefined)[] = [];
    const client = await open({ service: "response_timeout_millis: 300" }, () => ({
      async unary(_request, context) {
        timeouts.push(context.timeoutMs());
        await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        return {};
      },
    }));
    const error = await failureOf(client.unary({ text: "" }));
    expect(error).toMatchObject({ reason: "deadline_exceeded", code: Code.DeadlineExceeded });
    expect(timeouts).toHaveLength(1);
    expect(timeouts[0]).toBeLessThanOrEqual(300);
    expect(timeouts[0]).toBeGreaterThan(100);
  });

  test("opens the breaker", async () => {
    let attempts = 0;
    const client = await open(
      { service: "response_timeout_millis: 2000 circuit_breaker { minimum_request_threshold: 3 }" },
      () => ({
        unary() {
          attempts++;
          throw new ConnectError("ill", Code.Internal);
        },
      }),
    );
    for (let i = 0; i < 3; i++) {
      expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ reason: "status", code: Code.Internal });
    }
    expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ reason: "circuit_breaker_open" });
    expect(attempts).toBe(3);
  });

  test("streams from a server, and tries again before the first message", async () => {
    let attempts = 0;
    const client = await open(retrying, () => ({
      async *server(request: Text) {
        attempts++;
        if (attempts === 1) {
          throw new ConnectError("not yet", Code.Unavailable);
        }
        yield { text: `${request.text}1` };
        yield { text: `${request.text}2` };
      },
    }));
    expect(await collect(client.server({ text: "m" }))).toEqual(["m1", "m2"]);
    expect(attempts).toBe(2);
  });

  test("ends a stream that falls silent, and tells its server", async () => {
    const told = Promise.withResolvers<void>();
    const client = await open({ service: "response_timeout_millis: 4000 stream_idle_timeout_millis: 100" }, () => ({
      async *server(_: Text, { signal }: HandlerContext) {
        signal.addEventListener("abort", () => told.resolve());
        yield { text: "first" };
        await told.promise;
      },
    }));
    const error = await failureOf(client.server({ text: "" }));
    expect(error).toMatchObject({ reason: "stream_timeout", attempts: [{ code: "DEADLINE_EXCEEDED" }] });
    await told.promise;
  });

  // The first that does not fit into eight digits, and one that does not fit into a timer.
  test.each([100_000_000, 2 ** 40])(
    "makes calls that have %d ms, which the transport cannot say",
    async (timeoutMs) => {
      const client = await open({ service: "response_timeout_millis: 2147483647" }, () => ({
        unary: (request: Text) => request,
        async *server() {
          yield { text: "first" };
          await new Promise((resolve) => setTimeout(resolve, 30));
          yield { text: "second" };
        },
      }));
      expect((await client.unary({ text: "q" }, { timeoutMs })).text).toBe("q");
      expect(await collect(client.server({ text: "" }, { timeoutMs }))).toEqual(["first", "second"]);
    },
  );
});

describe("guard() over connect-node, gRPC", () => {
  test("sends every message of a stream again in a further attempt", async () => {
    const received: string[][] = [];
    const service = echoService(retrying);
    const baseUrl = await serve(
      service,
      {
        async client(requests: AsyncIterable<{ text: string }>) {
          const mine: string[] = [];
          received.push(mine);
          for await (const { text } of requests) {
            mine.push(text);
          }
          if (received.length === 1) {
            throw new ConnectError("not yet", Code.Unavailable);
          }
          return { text: mine.join("") };
        },
      },
      true,
    );
    const client = guard(createGrpcTransport({ baseUrl }), contractOf(service)) as unknown as EchoClient;
    expect((await client.client(messages("a", "b"))).text).toBe("ab");
    expect(received).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  test("knows a server that is not there from one that lost the connection", async () => {
    const service = echoService({ service: retrying.service });
    const client = guard(createGrpcTransport({ baseUrl: "http://127.0.0.1:9" }), contractOf(service));
    const error = await failureOf((client as unknown as EchoClient).unary({ text: "" }));
    expect(error).toMatchObject({ reason: "connection_lost", code: Code.Unavailable });
    // Never connected, hence safe to try again without an idempotency level.
    expect((error as { attempts: unknown[] }).attempts).toHaveLength(3);
  });

  const lost = "lost";
  const unprocessed = "unprocessed";
  const answered = "answered";
  const ends: [Action, typeof lost | typeof unprocessed | typeof answered][] = [
    [{ kind: "reset", code: constants.NGHTTP2_REFUSED_STREAM }, unprocessed],
    [{ kind: "go_away" }, unprocessed],
    [{ kind: "reset", code: constants.NGHTTP2_INTERNAL_ERROR }, lost],
    [{ kind: "reset", code: constants.NGHTTP2_CANCEL }, lost],
    [{ kind: "reset", code: constants.NGHTTP2_ENHANCE_YOUR_CALM }, lost],
    [{ kind: "tcp_reset" }, lost],
    [{ kind: "headers_first", code: 14 }, answered],
    [{ kind: "status", code: 1 }, answered],
  ];
  test.each(ends)("takes %j for %s", async (end, meaning) => {
    await using server = await startRawServer();
    const url = `http://127.0.0.1:${server.port}`;
    const retry = "response_timeout_millis: 4000 retry { max_attempts: 2 initial_backoff_millis: 5 }";
    const levels = { IDEMPOTENT: "option idempotency_level = IDEMPOTENT;", UNKNOWN: "" };
    for (const [level, method] of Object.entries(levels)) {
      const sessionManager = new Http2SessionManager(url);
      closing.push(() => sessionManager.abort());
      const transport = createGrpcTransport({ baseUrl: url, sessionManager });
      const client = guard(transport, contractOf(echoService({ service: retry, method }))) as unknown as EchoClient;
      for (const kind of ["unary", "server"] as const) {
        server.expectCall("warm", [{ kind: "message", code: 0 }]);
        await client.unary({ text: "" }, { headers: { "x-call": "warm" } });
        const seen = server.expectCall(kind, [end, { kind: "message", code: 0 }]);
        const options = { headers: { "x-call": kind } };
        const call =
          kind === "unary" ? client.unary({ text: "" }, options) : collect(client.server({ text: "" }, options));
        const outcome = await call.then(
          () => "answered",
          ({ reason, code, attempts }: CallError) => [reason, Code[code], ...attempts.map((attempt) => attempt.code)],
        );
        const again =
          meaning === unprocessed || (meaning === lost && level === "IDEMPOTENT") || end.kind === "headers_first";
        const once =
          meaning === lost ? ["connection_lost", "Unavailable", "UNAVAILABLE"] : ["status", "Canceled", "CANCELLED"];
        expect([outcome, seen.length]).toEqual(again ? ["answered", 2] : [once, 1]);
      }
    }
  });
});

test("transports of one target share a breaker; else each has its own", async () => {
  const service = echoService({
    service: "response_timeout_millis: 1000 circuit_breaker { minimum_request_threshold: 1 }",
  });
  const ill = (): never => {
    throw new ConnectError("ill", Code.Internal);
  };
  const baseUrl = await serve(service, { unary: ill }, true);
  const open = (target?: string): EchoClient => {
    const options = target === undefined ? {} : { target };
    return guard(createGrpcTransport({ baseUrl }), contractOf(service), options) as unknown as EchoClient;
  };
  const clients = [open("echo"), open("echo"), open(), open()];
  const reasons: string[] = [];
  for (const client of clients) {
    reasons.push(((await failureOf(client.unary({ text: "" }))) as CallError).reason);
  }
  expect(reasons).toEqual(["status", "circuit_breaker_open", "status", "status"]);
  await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
});

describe("guard() over a transport that ignores the time it is given", () => {
  /** Does what the transport below does, but never for a limited time, and maybe not even until it is cancelled. */
  function deaf(inner: Transport, hearsCancel: boolean): Transport {
    const heard = (signal: AbortSignal | undefined): AbortSignal | undefined => (hearsCancel ? signal : undefined);
    return {
      unary: (method, signal, _timeoutMs, ...rest) => inner.unary(method, heard(signal), undefined, ...rest),
      stream: (method, signal, _timeoutMs, ...rest) => inner.stream(method, heard(signal), undefined, ...rest),
    };
  }

  async function openDeaf(options: Parameters<typeof echoService>[0], handlers: Handlers, hearsCancel: boolean) {
    const service = echoService(options);
    const inner = createGrpcTransport({ baseUrl: await serve(service, handlers, true) });
    return guard(deaf(inner, hearsCancel), contractOf(service)) as unknown as EchoClient;
  }

  const never = (): Promise<never> => new Promise(() => undefined);

  async function* onlyOne(): AsyncGenerator<{ text: string }> {
    yield { text: "first" };
    await never();
  }

  test.each([true, false])("ends every kind of call at its deadline (it hears of a cancel: %j)", async (hears) => {
    const options = { service: "response_timeout_millis: 800 stream_max_duration_millis: 1000" };
    const handlers = { unary: never, server: onlyOne, client: never, bidi: onlyOne };
    const client = await openDeaf(options, handlers, hears);
    const startedAtMs = performance.now();
    const failures = await Promise.all([
      failureOf(client.unary({ text: "" })),
      failureOf(client.client(messages("a"))),
      failureOf(client.server({ text: "" })),
      failureOf(client.bidi(messages("a"))),
      failureOf(client.server({ text: "" }, { timeoutMs: 700 })),
    ]);
    expect(failures.map((error) => (error as CallError).reason)).toEqual([
      "deadline_exceeded",
      "deadline_exceeded",
      "stream_timeout",
      "stream_timeout",
      "deadline_exceeded",
    ]);
    expect(performance.now() - startedAtMs).toBeLessThan(4000);
  });

  test.each([true, false])("gives every permit back (it hears of a cancel: %j)", async (hears) => {
    const options = {
      service: "response_timeout_millis: 5000 max_concurrent_requests: 2",
      method: `option idempotency_level = IDEMPOTENT;
        option (service_client.method_config).hedging = { max_attempts: 2 hedging_delay_millis: 20 };`,
    };
    let calls = 0;
    const client = await openDeaf(options, { unary: () => (++calls % 2 === 0 ? { text: "won" } : never()) }, hears);
    for (let i = 0; i < 3; i++) {
      // The first copy is left hanging in the transport; were its permit lost, the third call would be refused.
      expect((await client.unary({ text: "" })).text).toBe("won");
    }
  });
});
