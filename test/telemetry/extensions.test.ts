// SPDX-License-Identifier: Apache-2.0
import { create, type DescService, getExtension, getOption, hasExtension, type Message } from "@bufbuild/protobuf";
import { Code, ConnectError, createContextKey, createContextValues, type Interceptor } from "@connectrpc/connect";
import { type handleUnaryCall, status as Status } from "@grpc/grpc-js";
import type { TextMapPropagator } from "@opentelemetry/api";
import { clientConfigOption, methodConfigOption } from "@talaria/contract";
import {
  type CallHooks,
  type ClientExtensions,
  configureTalaria,
  contractOf,
  createServiceClient,
  type HookedCall,
} from "@talaria/runtime";
import { createOpenTelemetry } from "@talaria/runtime/opentelemetry";
import { afterEach, describe, expect, test } from "vitest";
import { collect, type EchoClient, echoService, failure, failureOf, messages, openEcho, text } from "../e2e/echo.ts";
import { compileProtos } from "../support/compile.ts";
import { startGrpcServer } from "../support/grpc-server.ts";

afterEach(() => configureTalaria({}));

const retried = {
  service: "response_timeout_millis: 5000 retry { max_attempts: 3 initial_backoff_millis: 1 backoff_jitter: 0 }",
  method: "option idempotency_level = IDEMPOTENT;",
};

/** A client of an echo server that refuses the first attempts of each call. */
async function openExtended(extensions: ClientExtensions, refusals = 0) {
  const seen: Record<string, string | undefined>[] = [];
  let left = refusals;
  const echo = await openEcho(retried, {
    unary(call, reply) {
      seen.push(Object.fromEntries(Object.entries(call.metadata.getMap()).map(([key, value]) => [key, String(value)])));
      if (left > 0) {
        left -= 1;
        reply(failure(Status.UNAVAILABLE, "not yet"));
      } else {
        reply(null, text(echo.service, call.request.text));
      }
    },
    server(call) {
      call.write(text(echo.service, `${call.request.text} 1`));
      call.write(text(echo.service, `${call.request.text} 2`));
      call.end();
    },
    bidi(call) {
      call.on("data", (message: { text: string }) => call.write(text(echo.service, message.text)));
      call.on("end", () => call.end());
    },
    client(call, reply) {
      const texts: string[] = [];
      call.on("data", (message: { text: string }) => texts.push(message.text));
      call.on("end", () => reply(null, text(echo.service, texts.join())));
    },
  });
  const options = { ...extensions, target: echo.server.target };
  const client = createServiceClient(contractOf(echo.service), options) as unknown as EchoClient;
  return {
    client,
    seen,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await echo[Symbol.asyncDispose]();
    },
  };
}

test("a propagator of one's own is asked for headers, also where there is no SDK", async () => {
  const propagator: TextMapPropagator = {
    inject: (_context, carrier, { set }) => set(carrier, "x-request-id", "7"),
    extract: (context) => context,
    fields: () => ["x-request-id"],
  };
  await using extended = await openExtended({ telemetry: createOpenTelemetry({ propagator }) });
  await extended.client.unary({ text: "a" });
  expect(extended.seen[0]).toMatchObject({ "x-request-id": "7" });
});

describe("hooks", () => {
  test("hear of a call, each of its attempts, and the waits in between", async () => {
    const heard: string[] = [];
    const calls = new Set<HookedCall>();
    const hooks: CallHooks = {
      onCallStart: (call) => heard.push(`call ${calls.add(call) && call.method.name}`),
      onAttemptStart: ({ call, number, kind }) => heard.push(`attempt ${number} ${kind} ${calls.add(call).size}`),
      onAttemptEnd: ({ number, code, peer }) =>
        heard.push(`attempt ${number} ${code} ${peer?.startsWith("127.0.0.1:")}`),
      onRetry: ({ delayMs }) => heard.push(`wait ${delayMs} ms`),
      onCallEnd: ({ code, reason }) => heard.push(`call ${code} ${reason}`),
    };
    await using echo = await openExtended({ hooks }, 2);
    await echo.client.unary({ text: "hi" });
    expect(heard).toEqual([
      "call echo.v1.Echo/Unary",
      "attempt 1 first 1",
      "attempt 1 UNAVAILABLE true",
      "wait 1 ms",
      "attempt 2 retry 1",
      "attempt 2 UNAVAILABLE true",
      "wait 2 ms",
      "attempt 3 retry 1",
      "attempt 3 OK true",
      "call OK undefined",
    ]);
  });

  test("give each attempt a header of its own, over those of the application, and none of the protocol", async () => {
    const hooks: CallHooks = {
      onAttemptStart({ number, setHeader }) {
        setHeader("X-Attempt", "to be replaced");
        setHeader("x-attempt", `number ${number}`);
        setHeader("x-session", "of the hook");
        setHeader("grpc-timeout", "1n");
      },
    };
    await using echo = await openExtended({ hooks }, 1);
    await echo.client.unary({ text: "hi" }, { headers: { "x-session": "own", "x-own": "kept" } });
    expect(echo.seen).toMatchObject([
      { "x-attempt": "number 1", "x-session": "of the hook", "x-own": "kept" },
      { "x-attempt": "number 2", "x-session": "of the hook", "x-own": "kept", "grpc-previous-rpc-attempts": "1" },
    ]);
  });

  test("of the process run before those of a client, also of one that is open", async () => {
    const heard: string[] = [];
    await using echo = await openExtended({ hooks: { onCallStart: () => heard.push("client") } });
    configureTalaria({ hooks: { onCallStart: () => heard.push("process") } });
    await echo.client.unary({ text: "hi" });
    configureTalaria({});
    await echo.client.unary({ text: "hi" });
    expect(heard).toEqual(["process", "client", "client"]);
  });

  test("that throw do not reach the call, and do not go unnoticed", async () => {
    const uncaught: unknown[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    try {
      const error = new Error("a bug in a hook");
      const fail = (): never => {
        throw error;
      };
      await using echo = await openExtended({ hooks: { onCallStart: fail, onAttemptEnd: fail } });
      expect((await echo.client.unary({ text: "hi" })).text).toBe("hi");
      await expect.poll(() => uncaught).toEqual([error, error]);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) {
        process.on("uncaughtException", listener);
      }
    }
  });

  test("read the organisation's own options from the contract", async () => {
    const registry = compileProtos({
      "org.proto": `
        syntax = "proto2";
        package org.v1;
        import "service_client_config.proto";
        extend service_client.ServiceClientConfig { optional string team = 1000; }
        extend service_client.MethodClientConfig { optional string audit = 1001; }`,
      "echo.proto": `
        syntax = "proto3";
        package echo.v1;
        import "service_client_config.proto";
        import "org.proto";
        message Text { string text = 1; }
        service Echo {
          option (service_client.client_config) = {
            transport_security { mode: PLAINTEXT } response_timeout_millis: 5000 [org.v1.team]: "payments"
          };
          rpc Unary(Text) returns (Text) { option (service_client.method_config).(org.v1.audit) = "always"; }
        }`,
    });
    const [team, audit] = ["org.v1.team", "org.v1.audit"].map((name) => registry.getExtension(name));
    const service = registry.getService("echo.v1.Echo") as DescService;
    const heard: unknown[] = [];
    const hooks: CallHooks = {
      onCallStart({ method: { desc } }) {
        const ofService = getOption(desc.parent, clientConfigOption);
        const ofMethod = getOption(desc, methodConfigOption);
        if (team !== undefined && audit !== undefined && hasExtension(ofService, team)) {
          heard.push(getExtension(ofService, team), getExtension(ofMethod, audit));
        }
      },
    };
    const answer: handleUnaryCall<Message, Message> = (_call, reply) => reply(null, text(service, "hello"));
    const server = await startGrpcServer(service, { unary: answer });
    const client = createServiceClient(contractOf(service), { target: server.target, hooks }) as unknown as EchoClient;
    await client.unary({ text: "hi" });
    await client[Symbol.asyncDispose]();
    await server.close();
    expect(heard).toEqual(["payments", "always"]);
  });
});

describe("interceptors", () => {
  test("run once a call, whatever the attempts, the process's outside of the client's", async () => {
    const ran: string[] = [];
    const naming =
      (name: string): Interceptor =>
      (next) =>
      async (request) => {
        ran.push(`${name} in`);
        const response = await next(request);
        ran.push(`${name} out`);
        return response;
      };
    configureTalaria({ interceptors: [naming("process")] });
    await using echo = await openExtended({ interceptors: [naming("first"), naming("second")] }, 2);
    expect((await echo.client.unary({ text: "hi" })).text).toBe("hi");
    expect(ran).toEqual(["process in", "first in", "second in", "second out", "first out", "process out"]);
    expect(echo.seen).toHaveLength(3);
  });

  test("see the request, can change it, and see the response with its headers", async () => {
    const key = createContextKey("nothing");
    const seen: unknown[] = [];
    const interceptor: Interceptor = (next) => async (request) => {
      seen.push(request.service.typeName, request.method.name, request.stream, request.contextValues.get(key));
      seen.push(request.url.endsWith("/echo.v1.Echo/Unary"), request.header.get("x-own"), request.signal.aborted);
      request.header.set("x-added", "by the interceptor");
      const response = await next({
        ...request,
        message: create(request.method.input, { text: "changed" } as never),
      } as never);
      seen.push(response.header instanceof Headers, (response.message as { text?: string }).text);
      return response;
    };
    await using echo = await openExtended({ interceptors: [interceptor] });
    const contextValues = createContextValues().set(key, "a value");
    const { text: answer } = await echo.client.unary({ text: "hi" }, { contextValues, headers: { "x-own": "1" } });
    expect(answer).toBe("changed");
    expect(seen).toEqual(["echo.v1.Echo", "Unary", false, "a value", true, "1", false, true, "changed"]);
    expect(echo.seen).toMatchObject([{ "x-own": "1", "x-added": "by the interceptor" }]);
  });

  test("see the error that the caller sees, and what they throw becomes a ConnectError", async () => {
    const seen: unknown[] = [];
    const watching: Interceptor = (next) => (request) =>
      next(request).catch((error: unknown) => {
        seen.push(error);
        throw error;
      });
    await using echo = await openExtended({ interceptors: [watching] }, 3);
    const error = await failureOf(echo.client.unary({ text: "hi" }));
    expect(error).toMatchObject({ code: Code.Unavailable, reason: "status" });
    expect(seen).toEqual([error]);
    const throwing: Interceptor = () => () => Promise.reject(new Error("a bug"));
    await using other = await openExtended({ interceptors: [throwing] });
    const thrown = await failureOf(other.client.unary({ text: "hi" }));
    expect(thrown).toBeInstanceOf(ConnectError);
    expect(thrown).toMatchObject({ rawMessage: "a bug" });
    expect(other.seen).toEqual([]);
  });

  test("wrap streams, their messages and their end", async () => {
    const seen: string[] = [];
    const interceptor: Interceptor = (next) => async (request) => {
      const response = await next(request);
      seen.push(`${request.method.name} ${response.stream}`);
      return response.stream ? { ...response, message: shout(response.message) } : response;
    };
    await using echo = await openExtended({ interceptors: [interceptor] });
    const ends: string[] = [];
    const options = { onHeader: () => ends.push("header"), onTrailer: () => ends.push("trailer") };
    expect(await collect(echo.client.server({ text: "a" }, options))).toEqual(["A 1", "A 2"]);
    expect(await collect(echo.client.bidi(messages("x", "y"), options))).toEqual(["X", "Y"]);
    expect((await echo.client.client(messages("x", "y"), options)).text).toBe("X,Y");
    expect(seen).toEqual(["Server true", "Bidi true", "Client true"]);
    expect(ends).toEqual(["header", "trailer", "header", "trailer", "header", "trailer"]);
  });

  test("let a reader leave a stream before its first message: the server hears of it", async () => {
    let served = 0;
    let cancelled = 0;
    const echo = await openEcho(
      {},
      {
        server(call) {
          served += 1;
          call.on("cancelled", () => cancelled++);
        },
      },
    );
    const interceptors: Interceptor[] = [(next) => (request) => next(request)];
    const contract = contractOf(echoService({}));
    await using client = createServiceClient(contract, {
      target: echo.server.target,
      interceptors,
    }) as unknown as EchoClient;
    const reading = client.server({ text: "a" })[Symbol.asyncIterator]();
    const first = reading.next();
    first.catch(() => undefined);
    await expect.poll(() => served, { timeout: 5000 }).toBe(1);
    await reading.return?.();
    await expect.poll(() => cancelled, { timeout: 5000 }).toBe(1);
    await echo[Symbol.asyncDispose]();
  });
});

async function* shout<T>(stream: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const message of stream) {
    const { text: quiet } = message as { text: string };
    yield { ...message, text: quiet.toUpperCase() };
  }
}
