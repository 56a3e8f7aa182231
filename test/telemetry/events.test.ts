// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Code } from "@connectrpc/connect";
import type { BreakerEvent, ThrottleEvent } from "@talaria/runtime";
import { fail, reply } from "@talaria/runtime/testing";
import { expect, test } from "vitest";
import { failureOf } from "../e2e/echo.ts";
import { openScriptedEcho } from "../e2e/scripted-echo.ts";

test("a breaker that opens, tries and closes says so on talaria.breaker", async () => {
  using heard = listen<BreakerEvent>("talaria.breaker");
  const policies = {
    service: "response_timeout_millis: 5000",
    method: `option (service_client.method_config).circuit_breaker = {
      minimum_request_threshold: 2 circuit_open_window_millis: 1000 open_window_jitter: 0
    };`,
  };
  const script = { unary: [fail(Code.Internal), fail(Code.Internal), reply({}), reply({})] };
  await using scripted = openScriptedEcho(policies, script, { target: "dns:///events" });
  const { client, clock } = scripted;
  await clock.until(failureOf(client.unary({ text: "" })));
  await clock.until(failureOf(client.unary({ text: "" })));
  clock.advance(1001);
  await clock.until(client.unary({ text: "" }));
  const about = { target: "dns:///events", breaker: "echo.v1.Echo/Unary", atMs: expect.any(Number) };
  expect(heard.events).toEqual([
    { ...about, from: "CLOSED", to: "OPEN" },
    { ...about, from: "OPEN", to: "HALF_OPEN" },
    { ...about, from: "HALF_OPEN", to: "CLOSED" },
  ]);
});

test("a throttle that stops retries, and allows them again, says so on talaria.throttle", async () => {
  using heard = listen<ThrottleEvent>("talaria.throttle");
  const policies = {
    service: `response_timeout_millis: 5000
      retry { max_attempts: 3 initial_backoff_millis: 1 }
      retry_throttling { max_tokens: 4 token_ratio: 1 }`,
    method: "option idempotency_level = IDEMPOTENT;",
  };
  const script = { unary: [fail(Code.Unavailable), fail(Code.Unavailable), reply({}), reply({})] };
  await using scripted = openScriptedEcho(policies, script, { target: "dns:///events" });
  const { client, clock } = scripted;
  await clock.until(failureOf(client.unary({ text: "" })));
  await clock.until(client.unary({ text: "" }));
  await clock.until(client.unary({ text: "" }));
  const about = { target: "dns:///events", maxTokens: 4, atMs: expect.any(Number) };
  expect(heard.events).toEqual([
    { ...about, kind: "exhausted", tokens: 2 },
    { ...about, kind: "recovered", tokens: 3 },
  ]);
});

function listen<T>(name: string): { readonly events: readonly T[] } & Disposable {
  const events: T[] = [];
  const onEvent = (event: unknown): void => {
    events.push(event as T);
  };
  subscribe(name, onEvent);
  return {
    events,
    [Symbol.dispose]() {
      unsubscribe(name, onEvent);
    },
  };
}
