// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { status as Status } from "@grpc/grpc-js";
import { type BreakerEvent, contractOf, createServiceClient, guard, type ThrottleEvent } from "@talaria/runtime";
import { expect, onTestFinished, test } from "vitest";
import { type EchoClient, failure, failureOf, openEcho } from "./echo.ts";

test("clients share what they know of a target, however each writes it, and each hears of it by its own name", async () => {
  const breakers = listen<BreakerEvent>("talaria.breaker");
  const throttles = listen<ThrottleEvent>("talaria.throttle");
  await using echo = await openEcho(
    {
      service: `response_timeout_millis: 5000 circuit_breaker { minimum_request_threshold: 1 }
        retry { initial_backoff_millis: 1 } retry_throttling { max_tokens: 1 }`,
    },
    { unary: (_, reply) => reply(failure(Status.UNAVAILABLE, "ill")) },
  );
  const { port } = echo.server;
  const contract = contractOf(echo.service);
  const bare = `localhost:${port}`;
  const upper = `DNS:///LocalHost:${port}`;
  await using client = createServiceClient(contract, { target: bare }) as unknown as EchoClient;
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
  await using guarded = guard(transport, contract, { target: upper }) as unknown as EchoClient;
  await using other = guard(transport, contract) as unknown as EchoClient;
  const failures = [];
  for (const each of [client, echo.client, guarded, other]) {
    failures.push(await failureOf(each.unary({ text: "" })));
  }
  const [status, open] = [{ reason: "status" }, { reason: "circuit_breaker_open" }];
  expect(failures).toMatchObject([status, open, open, status]);
  const targets = [echo.server.target, bare, upper, expect.stringMatching(/^transport \d+$/)];
  expect(breakers.map(({ target, to }) => [target, to])).toEqual(targets.map((target) => [target, "OPEN"]));
  expect(throttles.map(({ target, kind }) => [target, kind])).toEqual(targets.map((target) => [target, "exhausted"]));
});

test("a name of a target is no longer told of when the last client that writes it so has closed", async () => {
  const breakers = listen<BreakerEvent>("talaria.breaker");
  await using echo = await openEcho(
    { service: "response_timeout_millis: 5000 circuit_breaker { minimum_request_threshold: 1 }" },
    { unary: (_, reply) => reply(failure(Status.UNAVAILABLE, "ill")) },
  );
  const contract = contractOf(echo.service);
  for (const target of [`localhost:${echo.server.port}`, echo.server.target]) {
    await using _closed = createServiceClient(contract, { target });
  }
  await failureOf(echo.client.unary({ text: "" }));
  expect(breakers.map(({ target, to }) => [target, to])).toEqual([[echo.server.target, "OPEN"]]);
});

/** What is published on a channel until the test ends. */
function listen<T>(name: string): readonly T[] {
  const events: T[] = [];
  const onEvent = (event: unknown): void => void events.push(event as T);
  subscribe(name, onEvent);
  onTestFinished(() => void unsubscribe(name, onEvent));
  return events;
}
