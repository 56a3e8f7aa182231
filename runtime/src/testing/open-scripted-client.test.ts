// SPDX-License-Identifier: Apache-2.0
import { type DescService, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { contractOf } from "@talaria/contract";
import { describe, expect, test } from "vitest";
import {
  collect,
  type EchoClient,
  type EchoOptions,
  echoService,
  failureOf,
  messages,
} from "../../../test/e2e/echo.ts";
import { fail, loseConnection, refuseConnection, reply, replyAll, staySilent } from "./answer.ts";
import { openScriptedClient, type ScriptedClient } from "./open-scripted-client.ts";
import type { ServiceScript } from "./service-script.ts";

interface ScriptedEcho extends Omit<ScriptedClient<DescService>, "client"> {
  readonly client: EchoClient;
}

function openEcho(options: EchoOptions, script: ServiceScript<DescService>): ScriptedEcho {
  return openScriptedClient(contractOf(echoService(options)), script) as unknown as ScriptedEcho;
}

const retried = { service: "response_timeout_millis: 1000 retry { max_attempts: 3 initial_backoff_millis: 100 }" };

describe("a scripted server", () => {
  test("answers at once without the clock being moved", async () => {
    await using echo = openEcho({}, { unary: reply({ text: "a" }), bidi: replyAll([{ text: "b" }, { text: "c" }]) });
    expect((await echo.client.unary({ text: "" })).text).toBe("a");
    expect(await collect(echo.client.bidi(messages("x")))).toEqual(["b", "c"]);
    expect(echo.clock.nowMs()).toBe(0);
  });

  test("answers one attempt after another as the list says, and repeats the last", async () => {
    await using echo = openEcho(retried, {
      unary: [fail(Code.Unavailable), fail(Code.Unavailable, { pushbackMs: 7 }), reply({ text: "third" })],
    });
    const { client, server, clock } = echo;
    expect((await clock.until(client.unary({ text: "q" }))).text).toBe("third");
    expect((await clock.until(client.unary({ text: "q" }))).text).toBe("third");
    expect(server.attempts.map((attempt) => attempt.number)).toEqual([1, 2, 3, 4]);
    expect(server.attempts.map((attempt) => attempt.previousAttempts)).toEqual([0, 1, 2, 0]);
    expect(server.attempts.map((attempt) => attempt.startedAtMs)).toEqual([0, 100, 107, 107]);
    expect(server.attempts.map((attempt) => attempt.timeoutMs)).toEqual([1000, 900, 893, 1000]);
    expect(server.attempts[0]?.end).toEqual({ kind: "server", code: "UNAVAILABLE", atMs: 0 });
  });

  test("answers as a function says, which sees the attempt", async () => {
    await using echo = openEcho(retried, {
      unary: ({ messages: [request], previousAttempts, header }) =>
        previousAttempts === 0
          ? fail(Code.Unavailable)
          : reply({ text: `${request === undefined}${header.get("x-a")}` }),
      client: ({ number }) => reply({ text: String(number) }),
    });
    const { client, clock } = echo;
    const answer = await clock.until(client.unary({ text: "q" }, { headers: { "x-a": "!" } }));
    expect(answer.text).toBe("true!");
    expect((await client.client(messages("a"))).text).toBe("1");
  });

  test("hands over headers, trailers, status message and error details", async () => {
    const value = { seconds: 5n };
    await using echo = openEcho(
      {},
      {
        unary: [
          reply({ text: "" }, { header: { "x-h": "1" }, trailer: { "x-t": "2" } }),
          fail(Code.Aborted, { message: "no", trailer: { "x-t": "3" }, details: [{ desc: DurationSchema, value }] }),
        ],
      },
    );
    const seen: unknown[] = [];
    await echo.client.unary(
      { text: "" },
      { onHeader: (header) => seen.push(header.get("x-h")), onTrailer: (trailer) => seen.push(trailer.get("x-t")) },
    );
    expect(seen).toEqual(["1", "2"]);
    const error = await failureOf(echo.client.unary({ text: "" }));
    expect(error).toMatchObject({ reason: "status", code: Code.Aborted, rawMessage: "no" });
    expect((error as ConnectError).metadata.get("x-t")).toBe("3");
    expect(ConnectError.from(error).findDetails(DurationSchema)).toEqual([
      fromBinary(
        DurationSchema,
        toBinary(DurationSchema, { $typeName: "google.protobuf.Duration", nanos: 0, ...value }),
      ),
    ]);
  });

  test("loses, refuses, and keeps silent", async () => {
    await using echo = openEcho(retried, { unary: [loseConnection(), refuseConnection(), staySilent()] });
    const { client, server, clock } = echo;
    expect(await clock.until(failureOf(client.unary({ text: "" })))).toMatchObject({ reason: "connection_lost" });
    // The first may have run, and the method does not say that it may twice; the second never arrived.
    expect(server.attempts).toHaveLength(1);
    expect(await clock.until(failureOf(client.unary({ text: "" })))).toMatchObject({ reason: "deadline_exceeded" });
    expect(server.attempts.map(({ end }) => end?.kind)).toEqual(["connection_lost", "unprocessed", "timeout"]);
    expect(clock.nowMs()).toBe(1000);
  });

  test("streams with gaps, and ends a stream as told", async () => {
    await using echo = openEcho(
      {},
      {
        server: replyAll([{ text: "a" }, { text: "b" }], { delayMs: 5, gapMs: 10, end: loseConnection() }),
      },
    );
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { text } of echo.client.server({ text: "" })) {
        seen.push(`${text}@${echo.clock.nowMs()}`);
      }
    })();
    expect(await echo.clock.until(failureOf(reading))).toMatchObject({ reason: "connection_lost" });
    expect(seen).toEqual(["a@5", "b@15"]);
    expect(echo.clock.nowMs()).toBe(25);
  });

  test("can answer before the request is complete", async () => {
    await using echo = openEcho(
      {},
      {
        bidi: replyAll([{ text: "early" }], { afterMessages: 2 }),
        client: fail(Code.ResourceExhausted, { afterMessages: 0 }),
      },
    );
    const open = Promise.withResolvers<void>();
    async function* endless(): AsyncGenerator<{ text: string }> {
      yield { text: "1" };
      yield { text: "2" };
      await open.promise;
    }
    expect(await collect(echo.client.bidi(endless()))).toEqual(["early"]);
    expect(echo.server.attemptsOf("bidi")[0]).toMatchObject({
      requestEnded: false,
      messages: [{ text: "1" }, { text: "2" }],
    });
    expect(await failureOf(echo.client.client(endless()))).toMatchObject({ code: Code.ResourceExhausted });
    open.resolve();
  });

  test("sees what is cancelled, and what runs", async () => {
    await using echo = openEcho({}, { unary: staySilent(), server: replyAll([{ text: "a" }], { end: staySilent() }) });
    const controller = new AbortController();
    const call = failureOf(echo.client.unary({ text: "" }, { signal: controller.signal }));
    for await (const _ of echo.client.server({ text: "" })) {
      break;
    }
    await echo.clock.advanceAsync(0);
    expect(echo.server.running).toEqual([echo.server.attempts[0]]);
    controller.abort();
    expect(await call).toMatchObject({ reason: "cancelled" });
    await echo.clock.advanceAsync(0);
    expect(echo.server.running).toEqual([]);
    expect(echo.server.attempts.map(({ cancelled }) => cancelled)).toEqual([true, true]);
    echo.server.forget();
    expect(echo.server.attempts).toEqual([]);
  });

  test("goes down and comes back, and can change its mind", async () => {
    await using echo = openEcho({}, { unary: staySilent() });
    const { client, server } = echo;
    const waiting = failureOf(client.unary({ text: "" }));
    server.stop();
    expect(await waiting).toMatchObject({ reason: "connection_lost" });
    expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ reason: "connection_lost" });
    server.start();
    server.play({ unary: [reply({ text: "back" })] });
    expect((await client.unary({ text: "" })).text).toBe("back");
    expect(server.attempts.map(({ end }) => end?.kind)).toEqual(["connection_lost", "unprocessed", "server"]);
  });

  test("says which method its script leaves out, and refuses a script that cannot be", async () => {
    await using echo = openEcho({}, { unary: replyAll([]) });
    expect(await failureOf(echo.client.server({ text: "" }))).toMatchObject({
      code: Code.Unimplemented,
      rawMessage: "the script says nothing of server",
    });
    expect(String(await failureOf(echo.client.unary({ text: "" })))).toContain(
      "unary answers with one message; the script has 0",
    );
  });

  test("lets a message that cannot be sent fail, as a wire does", async () => {
    await using echo = openEcho({}, { unary: reply({ text: "" }) });
    const error = await failureOf(echo.client.unary({ text: Object.create(null) }));
    expect(error).toMatchObject({ reason: "local" });
    expect(echo.server.attempts).toEqual([]);
  });
});

test("clients of the same target share a breaker, others do not", async () => {
  const contract = contractOf(echoService({ service: "circuit_breaker { minimum_request_threshold: 1 }" }));
  const script = { unary: fail(Code.Unavailable) };
  const open = (target?: string) =>
    openScriptedClient(contract, script, target === undefined ? {} : { target }) as unknown as ScriptedEcho;
  await using one = open("shared");
  await using two = open("shared");
  await using three = open();
  await failureOf(one.client.unary({ text: "" }));
  expect(await failureOf(two.client.unary({ text: "" }))).toMatchObject({ reason: "circuit_breaker_open" });
  expect(two.server.attempts).toEqual([]);
  expect(await failureOf(three.client.unary({ text: "" }))).toMatchObject({ reason: "status" });
});

test("a scripted client takes what a real one takes: interceptors, hooks, and credentials that may fail", async () => {
  const contract = contractOf(
    echoService({
      service: 'response_timeout_millis: 1000 retry {} authentication { scheme: BEARER audience: "echo" }',
    }),
  );
  const tokens = ["", "t-2"];
  const retries: number[] = [];
  const tenant: Interceptor = (next) => (request) => {
    request.header.set("x-tenant", "acme");
    return next(request);
  };
  await using echo = openScriptedClient(
    contract,
    { unary: [fail(Code.Unavailable, { pushbackMs: 70 }), reply({ text: "ok" })] },
    {
      interceptors: [tenant],
      hooks: { onRetry: ({ delayMs }) => void retries.push(delayMs) },
      credentials: { token: async () => tokens.shift() ?? "" },
    },
  ) as unknown as ScriptedEcho;
  expect(await failureOf(echo.client.unary({ text: "" }))).toMatchObject({ reason: "unauthenticated", attempts: [] });
  expect((await echo.clock.until(echo.client.unary({ text: "" }))).text).toBe("ok");
  expect(retries).toEqual([70]);
  const headers = echo.server.attempts.map(({ header }) => [header.get("authorization"), header.get("x-tenant")]);
  expect(headers).toEqual([
    ["Bearer t-2", "acme"],
    ["Bearer t-2", "acme"],
  ]);
});
