// SPDX-License-Identifier: Apache-2.0
import type { EventEmitter } from "node:events";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import {
  configureTalaria,
  contractOf,
  createServiceClient,
  currentCallScope,
  guard,
  runInCallScope,
  withoutScope,
} from "@talaria/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { withAuthentication } from "../../runtime/src/server/authenticate.ts";
import { callScopes } from "../../runtime/src/server/connect-scope.ts";
import { withCallScopes } from "../../runtime/src/server/grpc-scope.ts";
import { connectServers, serveByConnectNode } from "../support/connect-servers.ts";
import { startGrpcServer } from "../support/grpc-server.ts";
import { captureWarnings } from "../support/warnings.ts";
import { collect, type EchoClient, echoService, failureOf, messages, openEcho, type Text, text } from "./echo.ts";

const service = echoService({ service: "response_timeout_millis: 5000" });
const closing: (() => unknown)[] = [];

afterAll(async () => {
  for (const close of closing.reverse()) {
    await close();
  }
});
afterEach(() => configureTalaria({}));

/** What a handler sees of its scope, after a turn of the event loop. */
async function seen(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  const scope = currentCallScope();
  const leftMs = (scope?.deadlineAtMs ?? Number.NaN) - performance.now();
  return `${scope?.headers.get("x-tenant")} ${leftMs > 0 && leftMs <= 1900 ? "in time" : leftMs}`;
}

const handlers = {
  unary: async () => text(service, await seen()),
  async *server() {
    yield text(service, await seen());
    yield text(service, await seen());
  },
  async client(requests: AsyncIterable<Text>) {
    await collect(requests);
    return text(service, await seen());
  },
};

const routes = (router: ConnectRouter): void => void router.service(service, handlers as never);
const interceptors = [callScopes()];

describe.each(connectServers)("calls served by %s", (_, start) => {
  let client: EchoClient;
  beforeAll(async () => {
    const { url: baseUrl, close } = await start({ routes, interceptors });
    closing.push(close);
    const transport = createConnectTransport({ baseUrl, httpVersion: "1.1" });
    client = guard(transport, contractOf(service)) as unknown as EchoClient;
  });

  test("have a scope with deadline and headers, in every kind of handler", async () => {
    const options = { timeoutMs: 1900, headers: { "x-tenant": "acme" } };
    expect((await client.unary({ text: "" }, options)).text).toBe("acme in time");
    expect(await collect(client.server({ text: "" }, options))).toEqual(["acme in time", "acme in time"]);
    expect((await client.client(messages("a"), options)).text).toBe("acme in time");
  });
});

describe("calls served by grpc-js", () => {
  test("have a scope with deadline and headers, also in the listeners of a stream", async () => {
    const grpc = await startGrpcServer(
      service,
      withCallScopes({
        unary: (_: unknown, reply: (error: null, message: Text) => void) =>
          void seen().then((value) => reply(null, text(service, value))),
        client(call: NodeJS.ReadableStream, reply: (error: null, message: Text) => void) {
          call.on("data", () => undefined);
          call.on("end", () => void seen().then((value) => reply(null, text(service, value))));
        },
      } as never) as never,
    );
    closing.push(() => grpc.close());
    const client = createServiceClient(contractOf(service), { target: grpc.target }) as unknown as EchoClient;
    closing.push(() => client[Symbol.asyncDispose]());
    const options = { timeoutMs: 1900, headers: { "x-tenant": "acme" } };
    expect((await client.unary({ text: "" }, options)).text).toBe("acme in time");
    expect((await client.client(messages("a", "b"), options)).text).toBe("acme in time");
  });
});

test.each([
  ["time is up", 500, { name: "ConnectError", code: Code.DeadlineExceeded }],
  ["caller has left", 4000, { name: "AbortError" }],
])("a scope of grpc-js knows that its %s", async (_, timeoutMs, expected) => {
  const { promise: aborted, resolve: onAborted } = Promise.withResolvers<unknown>();
  const { promise: entered, resolve: onEntered } = Promise.withResolvers<void>();
  await using echo = await openEcho(
    { service: "response_timeout_millis: 5000", connected: true },
    withCallScopes({
      unary() {
        const signal = currentCallScope()?.signal;
        signal?.addEventListener("abort", () => onAborted(signal.reason));
        onEntered();
      },
    } as UntypedServiceImplementation),
  );
  const caller = new AbortController();
  const failure = failureOf(echo.client.unary({ text: "" }, { timeoutMs, signal: caller.signal }));
  await entered;
  if (timeoutMs > 1000) {
    caller.abort();
  }
  expect(await aborted).toMatchObject(expected);
  await failure;
});

describe("a scope made by hand", () => {
  test("gives calls its deadline, cancellation and allowed headers, and nothing else", async () => {
    configureTalaria({ headers: ["x-tenant"] });
    const told: (string | undefined)[] = [];
    const deadlines: number[] = [];
    await using echo = await openEcho(
      { service: 'response_timeout_millis: 5000 required_headers: ["x-region"]' },
      {
        unary(call, reply) {
          told.push(
            ...["x-tenant", "x-region", "x-other", "authorization"].map((key) => call.metadata.get(key)[0]?.toString()),
          );
          deadlines.push(Number(call.getDeadline()) - Date.now());
          reply(null, text(echo.service, ""));
        },
        client: () => undefined,
      },
    );
    const headers = { "x-tenant": "acme", "x-region": "eu", "x-other": "no", authorization: "Bearer mine" };
    await runInCallScope({ timeoutMs: 1900, headers }, () => echo.client.unary({ text: "" }));
    expect(told).toEqual(["acme", "eu", undefined, undefined]);
    expect(deadlines[0]).toBeLessThanOrEqual(1900);

    const controller = new AbortController();
    const call = runInCallScope({ signal: controller.signal, headers }, () =>
      failureOf(echo.client.client(messages())),
    );
    controller.abort();
    expect(await call).toMatchObject({ reason: "cancelled" });

    told.length = 0;
    await runInCallScope({ timeoutMs: 1900, headers }, () =>
      echo.client.unary({ text: "" }, withoutScope({ headers: { "x-region": "us" } })),
    );
    expect(told).toEqual([undefined, "us", undefined, undefined]);
    expect(deadlines[1]).toBeGreaterThan(2000);
  });

  test("that has ended lets no call out", async () => {
    let calls = 0;
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      {
        unary(_call, reply) {
          calls++;
          reply(null, text(echo.service, ""));
        },
      },
    );
    const error = await runInCallScope({ timeoutMs: 1 }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return failureOf(echo.client.unary({ text: "" }));
    });
    expect(error).toMatchObject({ reason: "deadline_exceeded", code: Code.DeadlineExceeded });
    expect(error).toBeInstanceOf(ConnectError);
    expect(String(error)).toContain("the call being served");
    expect(calls).toBe(0);
  });

  test.each(["authorization", "grpc-timeout", "connection", "traceparent", "X-Tenant"])(
    "cannot be told to pass on %s",
    (name) => {
      expect(() => configureTalaria({ headers: [name] })).toThrow(
        new RegExp(`^\\[invalid_argument\\] configureTalaria cannot use these options: headers\\[0\\] .*"${name}"`),
      );
    },
  );
});

test("a grpc-js handler answers with the error of a call it made: code and message, without the headers of that call", async () => {
  const error = new ConnectError("no more: 7 of 7", Code.ResourceExhausted, { "x-secret": "s" });
  await using echo = await openEcho(
    { service: "response_timeout_millis: 5000" },
    withCallScopes({
      unary: (_: unknown, reply: (error: unknown) => void) => reply(error),
      server: (call: EventEmitter) => void call.emit("error", error),
    } as UntypedServiceImplementation),
  );
  for (const call of [echo.client.unary({ text: "a" }), echo.client.server({ text: "a" })]) {
    const failure = (await failureOf(call)) as ConnectError;
    expect(failure).toMatchObject({ code: Code.ResourceExhausted, rawMessage: "no more: 7 of 7" });
    expect(failure.metadata.has("x-secret")).toBe(false);
  }
});

test("a Connect handler that fails with the error of a call it made answers with code and message, without the headers of that call", async () => {
  const steering = { "grpc-retry-pushback-ms": "-1", "x-secret": "s" };
  const refuse = (): never => {
    throw new ConnectError("no more: 7 of 7", Code.ResourceExhausted, steering);
  };
  const serveWith = async (given: object, using: typeof interceptors) => {
    const { url: baseUrl, close } = await serveByConnectNode({
      routes: (router) => void router.service(service, given as never),
      interceptors: using,
    });
    closing.push(close);
    const transport = createConnectTransport({ baseUrl, httpVersion: "1.1" });
    return guard(transport, contractOf(service)) as unknown as EchoClient;
  };
  // biome-ignore lint/correctness/useYield: a stream that fails before its first message
  async function* server() {
    refuse();
  }
  const callee = await serveWith({ unary: refuse, server }, []);
  const ofCallee = (await failureOf(callee.unary({ text: "" }))) as ConnectError;
  expect(ofCallee.metadata.get("x-secret")).toBe("s");

  const gateway = await serveWith(
    {
      unary: ({ text: own }: Text) => (own === "own" ? refuse() : callee.unary({ text: "" })),
      async *server() {
        yield text(service, "first");
        yield* callee.server({ text: "" });
      },
    },
    interceptors,
  );
  for (const call of [() => gateway.unary({ text: "" }), () => collect(gateway.server({ text: "" }))]) {
    const failure = (await failureOf(call())) as ConnectError;
    expect(failure).toMatchObject({
      code: Code.ResourceExhausted,
      rawMessage: expect.stringContaining("no more: 7 of 7"),
    });
    for (const name of Object.keys(steering)) {
      expect(failure.metadata.has(name)).toBe(false);
    }
  }
  const ofGateway = (await failureOf(gateway.unary({ text: "own" }))) as ConnectError;
  expect(ofGateway.metadata.get("x-secret")).toBe("s");
});

describe("a grpc-js handler that fails", () => {
  const logged = captureWarnings(
    "TALARIA_SERVER",
    /^the handler of \/echo\.v1\.Echo\/\w+ failed, .*: TypeError: password=hunter2/,
  );

  const fault = new TypeError("password=hunter2");
  const verify = async () => ({ scheme: "bearer", subject: "s", claims: {} }) as const;
  const kinds: [string, (handlers: UntypedServiceImplementation) => UntypedServiceImplementation][] = [
    ["in a scope", withCallScopes],
    ["behind authentication in a scope", (given) => withCallScopes(withAuthentication(given, verify))],
    ["behind authentication", (given) => withAuthentication(given, verify)],
  ];
  const headers = { authorization: "Bearer a.b.c" };

  test.each(kinds)("%s, with no status, answers UNKNOWN without its text and is a warning", async (_, wrap) => {
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      wrap({
        unary({ request }: { request: Text }) {
          if (request.text === "throws") {
            throw fault;
          }
          return Promise.reject(fault);
        },
        async server(call: NodeJS.WritableStream) {
          call.write(text(service, "first") as never);
          throw fault;
        },
      } as unknown as UntypedServiceImplementation),
    );
    const calls = [
      () => echo.client.unary({ text: "throws" }, { headers }),
      () => echo.client.unary({ text: "rejects" }, { headers }),
      () => collect(echo.client.server({ text: "" }, { headers })),
    ];
    for (const call of calls) {
      expect(await failureOf(call())).toMatchObject({ code: Code.Unknown, rawMessage: "the handler failed" });
    }
    const warnings = await logged.seen();
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toMatchObject({ code: "TALARIA_SERVER", cause: fault });
    expect(warnings[0]?.message).toMatch(
      /^the handler of \/.*\/Unary failed, and its caller got UNKNOWN: TypeError: password/,
    );
  });

  test.each(kinds)("%s, with a status, answers with that", async (_, wrap) => {
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      wrap({
        async unary() {
          throw { code: Code.NotFound, details: "no such order" };
        },
        async server() {
          throw new ConnectError("no more", Code.ResourceExhausted, { "x-secret": "s" });
        },
      } as unknown as UntypedServiceImplementation),
    );
    const notFound = await failureOf(echo.client.unary({ text: "" }, { headers }));
    expect(notFound).toMatchObject({ code: Code.NotFound, rawMessage: "no such order" });
    const exhausted = await failureOf(collect(echo.client.server({ text: "" }, { headers })));
    expect(exhausted).toMatchObject({ code: Code.ResourceExhausted, rawMessage: "no more" });
    expect(await logged.texts()).toEqual([]);
  });

  test("after it has answered, is a warning", async () => {
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      withCallScopes({
        async unary(_: unknown, reply: (error: null, message: Text) => void) {
          reply(null, text(service, "done"));
          throw fault;
        },
      } as unknown as UntypedServiceImplementation),
    );
    expect((await echo.client.unary({ text: "" })).text).toBe("done");
    const warnings = await logged.seen();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toContain("failed, when its call was over already: TypeError");
  });
});
