// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { status as Status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { context, SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { contractOf, createServiceClient } from "@talaria/runtime";
import { callTelemetry, createOpenTelemetry, withCallTelemetry } from "@talaria/runtime/opentelemetry";
import { withCallScopes } from "@talaria/runtime/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  collect,
  type EchoClient,
  type EchoHandlers,
  echoService,
  failure,
  failureOf,
  messages,
  text,
} from "../e2e/echo.ts";
import { startGrpcServer } from "../support/grpc-server.ts";
import { captureWarnings } from "../support/warnings.ts";
import { type ObservedProcess, observeProcess } from "./observed-process.ts";
import { sumOf } from "./prometheus-text.ts";

captureWarnings("TALARIA_SERVER", /^the handler of \S+ failed, and its caller got UNKNOWN: Error: a bug/);

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

const service = echoService({ service: "response_timeout_millis: 5000" });

/** The span that the code of a handler runs in. */
const activeSpan = (): string | undefined => trace.getActiveSpan()?.spanContext().spanId;

interface Observed extends AsyncDisposable {
  readonly client: EchoClient;
  readonly caller: ObservedProcess;
  readonly server: ObservedProcess;
  /** The spans that handlers ran in. */
  readonly active: (string | undefined)[];
}

async function open(
  start: (server: ObservedProcess, active: (string | undefined)[]) => Promise<{ port: number; close(): Promise<void> }>,
): Promise<Observed> {
  const caller = await observeProcess();
  const server = await observeProcess();
  const active: (string | undefined)[] = [];
  const { port, close } = await start(server, active);
  const options = { target: `dns:///127.0.0.1:${port}`, telemetry: createOpenTelemetry(caller.providers) };
  const client = createServiceClient(contractOf(service), options) as unknown as EchoClient;
  return {
    client,
    caller,
    server,
    active,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await close();
      await caller[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const openGrpc = () =>
  open(async (server, active) => {
    const handlers: EchoHandlers = {
      unary(call, reply) {
        active.push(activeSpan());
        if (call.request.text === "throw") {
          throw new Error("a bug");
        }
        if (call.request.text === "fail") {
          reply(failure(Status.NOT_FOUND));
        } else {
          reply(null, text(service, "ok"));
        }
      },
      server(call) {
        active.push(activeSpan());
        call.write(text(service, "one"));
        if (call.request.text === "fail") {
          call.emit("error", failure(Status.DATA_LOSS));
        } else if (call.request.text !== "hang") {
          call.end();
        }
      },
      client(call, reply) {
        call.on("data", () => active.push(activeSpan()));
        call.on("end", () => reply(null, text(service, "ok")));
      },
      bidi(call) {
        call.on("data", (message: { text: string }) => {
          active.push(activeSpan());
          call.write(text(service, message.text));
        });
        call.on("end", () => call.end());
      },
    };
    return startGrpcServer(service, withCallTelemetry(handlers, server.providers) as Record<string, never>);
  });

const openConnect = () =>
  open(async ({ providers }, active) => {
    const implementation = {
      unary(request: { text: string }) {
        active.push(activeSpan());
        if (request.text === "throw") {
          throw new Error("a bug");
        }
        if (request.text === "fail") {
          throw new ConnectError("no", Code.NotFound);
        }
        return { text: "ok" };
      },
      async *server(request: { text: string }) {
        active.push(activeSpan());
        yield { text: "one" };
        if (request.text === "fail") {
          throw new ConnectError("no", Code.DataLoss);
        }
        if (request.text === "hang") {
          await new Promise(() => undefined);
        }
      },
      async client(requests: AsyncIterable<unknown>) {
        for await (const _ of requests) {
          active.push(activeSpan());
        }
        return { text: "ok" };
      },
      async *bidi(requests: AsyncIterable<{ text: string }>) {
        for await (const { text: value } of requests) {
          active.push(activeSpan());
          yield { text: value };
        }
      },
    };
    const adapter = connectNodeAdapter({
      routes: (router) => router.service(service, implementation as unknown as ServiceImpl<typeof service>),
      interceptors: [callTelemetry(providers)],
    });
    const server = createServer(adapter).listen(0, "127.0.0.1");
    await once(server, "listening");
    const sessions = new Set<{ destroy(): void }>();
    server.on("session", (session) => sessions.add(session));
    return {
      port: (server.address() as AddressInfo).port,
      async close() {
        for (const session of sessions) {
          session.destroy();
        }
        server.close();
      },
    };
  });

const servers = [
  { name: "grpc-js", openServer: openGrpc },
  { name: "Connect", openServer: openConnect },
];

describe.each(servers)("the telemetry of a $name server", ({ openServer }) => {
  test("counts calls of all kinds by their status, and measures them", async () => {
    await using observed = await openServer();
    const { client, server } = observed;
    await client.unary({ text: "a" });
    await client.unary({ text: "b" });
    await failureOf(client.unary({ text: "fail" }));
    const thrown = (await failureOf(client.unary({ text: "throw" }))) as ConnectError;
    await collect(client.server({ text: "a" }));
    await failureOf(collect(client.server({ text: "fail" })));
    await client.client(messages("x", "y"));
    await collect(client.bidi(messages("x", "y")));
    await expect.poll(() => server.spans().length).toBe(8);
    const samples = await server.samples();
    const count = (method: string, code: string, more = {}) =>
      sumOf(samples, "rpc_server_call_duration_count", {
        rpc_method: `echo.v1.Echo/${method}`,
        rpc_status_code: code,
        ...more,
      });
    expect(count("Unary", "OK")).toBe(2);
    expect(count("Unary", "NOT_FOUND", { rpc_system_name: "grpc" })).toBe(1);
    expect(count("Unary", Status[thrown.code] ?? "")).toBe(1);
    expect(sumOf(samples, "rpc_server_call_duration_count", { rpc_method: "echo.v1.Echo/Unary" })).toBe(4);
    expect(count("Server", "OK")).toBe(1);
    expect(count("Server", "DATA_LOSS", { error_type: "DATA_LOSS" })).toBe(1);
    expect(count("Client", "OK")).toBe(1);
    expect(count("Bidi", "OK")).toBe(1);
    expect(sumOf(samples, "grpc_server_call_started_total")).toBe(8);
  });

  test("tells a stream whose reader leaves from one that ends", async () => {
    await using observed = await openServer();
    for await (const _ of observed.client.server({ text: "hang" })) {
      break;
    }
    await expect.poll(() => observed.server.spans().map(statusOf)).toEqual(["CANCELLED"]);
  });

  test("has a span below the caller's attempt, and runs handlers in it, listeners included", async () => {
    await using observed = await openServer();
    const { client, server, caller, active } = observed;
    await client.unary({ text: "a" });
    await collect(client.server({ text: "a" }));
    await client.client(messages("x", "y"));
    await collect(client.bidi(messages("x")));
    await expect.poll(() => server.spans().length).toBe(4);
    const attempts = caller.spans().filter(({ name }) => name.startsWith("Attempt."));
    expect(server.spans().map((span) => span.parentSpanContext?.spanId)).toEqual(
      attempts.map((span) => span.spanContext().spanId),
    );
    expect(server.spans().map(({ name, kind }) => [name, kind])).toEqual(
      ["Unary", "Server", "Client", "Bidi"].map((method) => [`Recv.echo.v1.Echo/${method}`, SpanKind.SERVER]),
    );
    const [unary, stream, client2, bidi] = server.spans().map((span) => span.spanContext().spanId);
    expect(active).toEqual([unary, stream, client2, client2, bidi]);
  });
});

describe("withCallTelemetry()", () => {
  test("observes the handlers of an instance, which its classes have", async () => {
    class Base {
      readonly answer = "ok";
      server(call: { write(message: unknown): void; end(): void }): void {
        call.write(text(service, this.answer));
        call.end();
      }
    }
    class Echo extends Base {
      unary(_call: unknown, reply: (error: null, message: unknown) => void): void {
        reply(null, text(service, this.answer));
      }
    }
    await using observed = await open(({ providers }) =>
      startGrpcServer(service, withCallTelemetry(new Echo(), providers) as unknown as Record<string, never>),
    );
    const { client, server } = observed;
    expect((await client.unary({ text: "" })).text).toBe("ok");
    expect(await collect(client.server({ text: "" }))).toEqual(["ok"]);
    await expect.poll(() => server.spans().map(statusOf)).toEqual(["OK", "OK"]);
  });

  type Wrap = (handlers: UntypedServiceImplementation, { providers }: ObservedProcess) => UntypedServiceImplementation;
  const wrappings: [name: string, wrap: Wrap][] = [
    ["around scopes", (handlers, { providers }) => withCallTelemetry(withCallScopes(handlers), providers)],
    ["inside of scopes", (handlers, { providers }) => withCallScopes(withCallTelemetry(handlers, providers))],
    ["alone", (handlers, { providers }) => withCallTelemetry(handlers, providers)],
  ];

  test.each(wrappings)("%s, counts the status that the caller gets when a handler fails", async (_, wrap) => {
    const failing = {
      async unary(call: { request: { text: string } }, reply: (error: unknown) => void) {
        switch (call.request.text) {
          case "status":
            throw failure(Status.NOT_FOUND);
          case "system error":
            return reply(Object.assign(new Error("no such file"), { code: "ENOENT" }));
          default:
            throw new Error("a bug");
        }
      },
      client: async () => {
        throw new ConnectError("no more", Code.ResourceExhausted);
      },
      server: async () => {
        throw new ConnectError("lost", Code.DataLoss);
      },
    };
    await using observed = await open((server) =>
      startGrpcServer(
        service,
        wrap(failing as unknown as UntypedServiceImplementation, server) as Record<string, never>,
      ),
    );
    const { client, server } = observed;
    const seen: (string | undefined)[] = [];
    for (const call of [
      () => client.unary({ text: "status" }),
      () => client.unary({ text: "bug" }),
      () => client.unary({ text: "system error" }),
      () => client.client(messages("x")),
      () => collect(client.server({ text: "" })),
    ]) {
      const { code } = (await failureOf(call())) as ConnectError;
      seen.push(Status[code]);
    }
    expect(seen).toEqual(["NOT_FOUND", "UNKNOWN", "UNKNOWN", "RESOURCE_EXHAUSTED", "DATA_LOSS"]);
    await expect.poll(() => server.spans().map(statusOf)).toEqual(seen);
  });
});

function statusOf({ attributes }: ReadableSpan): unknown {
  return attributes["rpc.status_code"];
}
