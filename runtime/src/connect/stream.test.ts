// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, type DescMethodStreaming, type DescService } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createRouterTransport,
  type HandlerContext,
  type Transport,
} from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { contractOf } from "@talaria/contract";
import { describe, expect, test } from "vitest";
import { collect, type EchoClient, echoService } from "../../../test/e2e/echo.ts";
import { systemClock } from "../clock.ts";
import { guard } from "../guard.ts";
import type { AttemptEnd, StreamHandle, StreamObserver } from "../wire.ts";
import { createConnectWire } from "./wire.ts";

const service = echoService({});

function transportTo(handlers: Record<string, unknown>, of: DescService = service): Transport {
  return createRouterTransport(({ service: add }) => void add(of, handlers as never));
}

/** Starts an attempt of a bidi stream; notes what its observer hears. */
function start(transport: Transport, observer: Partial<StreamObserver> = {}) {
  const ends: AttemptEnd[] = [];
  const messages: unknown[] = [];
  const ended = Promise.withResolvers<void>();
  const received = Promise.withResolvers<void>();
  const wire = createConnectWire(transport, systemClock);
  const desc = service.method.bidi as DescMethodStreaming;
  const options = {
    header: undefined,
    contextValues: undefined,
    timeoutMs: undefined,
    previousAttempts: 0,
    waitForReady: false,
    takeResend: () => false,
  };
  const handle: StreamHandle = wire.startStream(desc, options, {
    onHeader: () => undefined,
    onMessage: (message) => {
      messages.push(message);
      received.resolve();
    },
    onEnd: (end) => {
      ends.push(end);
      ended.resolve();
    },
    ...observer,
  });
  const prepared = wire.prepare(desc, create(desc.input, { text: "q" } as never));
  return { handle, prepared, ends, ended: ended.promise, messages, received: received.promise };
}

describe("an attempt of a stream over a Connect transport", () => {
  test("that is cancelled while nobody reads ends once, and so do server and request messages", async () => {
    const atServer = Promise.withResolvers<void>();
    let requestsEnded = false;
    const transport = transportTo({
      async *bidi(requests: AsyncIterable<unknown>, { signal }: HandlerContext) {
        signal.addEventListener("abort", () => atServer.resolve());
        const reading = collect(requests as AsyncIterable<never>).catch(() => undefined);
        yield { text: "first" };
        yield { text: "unread" };
        await reading;
      },
    });
    const spied: Transport = {
      ...transport,
      stream: (method, signal, timeoutMs, header, input, contextValues) => {
        async function* spying(): AsyncGenerator<never> {
          try {
            yield* input as AsyncIterable<never>;
          } finally {
            requestsEnded = true;
          }
        }
        return transport.stream(method, signal, timeoutMs, header, spying(), contextValues);
      },
    };
    const { handle, ends, ended, received, messages } = start(spied);
    handle.requestMessage();
    await received;
    handle.cancel();
    expect(ends).toEqual([]);
    await ended;
    expect(ends).toMatchObject([{ kind: "cancelled", code: 1 }]);
    await atServer.promise;
    handle.requestMessage();
    await expect.poll(() => requestsEnded).toBe(true);
    expect(ends).toHaveLength(1);
    expect(messages).toHaveLength(1);
  });

  test("that is cancelled between two messages reads no further from a transport that does not care", async () => {
    const left = Promise.withResolvers<void>();
    async function* endless(): AsyncGenerator<unknown> {
      try {
        for (;;) {
          yield create(service.method.bidi?.output as never, { text: "more" } as never);
        }
      } finally {
        left.resolve();
      }
    }
    const careless = {
      stream: async (method: DescMethodStreaming) => ({
        stream: true,
        service,
        method,
        header: new Headers(),
        trailer: new Headers(),
        message: endless(),
      }),
    };
    const { handle, ends, ended, received } = start(careless as never);
    handle.requestMessage();
    await received;
    handle.cancel();
    await ended;
    await left.promise;
    expect(ends).toMatchObject([{ kind: "cancelled" }]);
  });

  test("whose observer throws ends as a local failure, and leaves nothing at the server", async () => {
    const atServer = Promise.withResolvers<void>();
    const transport = transportTo({
      async *bidi(_: AsyncIterable<unknown>, { signal }: HandlerContext) {
        signal.addEventListener("abort", () => atServer.resolve());
        yield { text: "first" };
        await atServer.promise;
      },
    });
    const { handle, ends, ended } = start(transport, {
      onMessage: () => {
        throw new RangeError("mine");
      },
    });
    handle.requestMessage();
    await ended;
    await atServer.promise;
    expect(ends).toMatchObject([{ kind: "local" }]);
    expect(ends[0]?.error().rawMessage).toBe("mine");
  });

  test("delivers a message only when it is asked for one, and its end with the next", async () => {
    const transport = transportTo({
      async *bidi() {
        yield { text: "one" };
        yield { text: "two" };
      },
    });
    const { handle, messages, ends, ended, received } = start(transport);
    await new Promise((resolve) => setImmediate(resolve));
    expect(messages).toEqual([]);
    handle.requestMessage();
    await received;
    await new Promise((resolve) => setImmediate(resolve));
    expect(messages).toMatchObject([{ text: "one" }]);
    handle.requestMessage();
    await expect.poll(() => messages.length).toBe(2);
    expect(ends).toEqual([]);
    handle.requestMessage();
    await ended;
    expect(ends).toMatchObject([{ kind: "server", code: 0 }]);
    expect(() => ends[0]?.error()).toThrow(TypeError);
  });
});

test("the longest duration of a stream is told in whole milliseconds, or a connect-node server refuses it", async () => {
  const policies = {
    service: `response_timeout_millis: 4000 stream_max_duration_millis: 5000
      retry { max_attempts: 3 initial_backoff_millis: 10 }`,
  };
  let attempts = 0;
  const limited = echoService(policies);
  const handlers = {
    async *server() {
      attempts += 1;
      if (attempts < 3) {
        throw new ConnectError("not yet", Code.Unavailable);
      }
      yield { text: "third" };
    },
  };
  const routes = (router: ConnectRouter): void => void router.service(limited, handlers as never);
  const server = createServer(connectNodeAdapter({ routes }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const sessions = new Http2SessionManager(`http://127.0.0.1:${port}`);
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}`, sessionManager: sessions });
  const client = guard(transport, contractOf(limited)) as unknown as EchoClient;
  try {
    expect(await collect(client.server({ text: "" }))).toEqual(["third"]);
    expect(attempts).toBe(3);
  } finally {
    sessions.abort();
    server.close();
  }
});
