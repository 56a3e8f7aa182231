// SPDX-License-Identifier: Apache-2.0
import { context, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { createOpenTelemetry } from "@talaria/runtime/opentelemetry";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { faultyRun, token } from "./faulty-run.ts";
import { type FaultyShop, openFaultyShop, serverMessage } from "./faulty-shop.ts";
import { type ObservedProcess, observeProcess } from "./observed-process.ts";
import { type Sample, sumOf } from "./prometheus-text.ts";

let client: ObservedProcess;
let server: ObservedProcess;
let shop: FaultyShop;
let text: string;
let samples: readonly Sample[];
let serverSamples: readonly Sample[];

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  client = await observeProcess();
  server = await observeProcess();
  shop = await openFaultyShop(server.providers, { telemetry: createOpenTelemetry(client.providers) });
  await faultyRun(shop);
  // The server hears of a cancelled attempt a moment later.
  await vi.waitFor(() => expect(server.spans()).toHaveLength(shop.attempts.length), { timeout: 5000 });
  text = await client.scrape();
  samples = await client.samples();
  serverSamples = await server.samples();
});

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await client?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  context.disable();
});

const methods = ["Retried", "Hedged", "Guarded", "Limited", "Late"].map((name) => `faulty.v1.Shop/${name}`);
const all = [...methods, "faulty.v1.Throttled/Get"];
const nameOf = (method: string): string => method.slice(method.indexOf("/") + 1);
const attemptsOf = (method: string) => shop.attempts.filter((attempt) => attempt.method === nameOf(method));
const callsOf = (method: string) => shop.calls.filter((call) => call.method === nameOf(method));
const furtherAttemptsOf = (method: string) => attemptsOf(method).filter(({ previousAttempts }) => previousAttempts > 0);
const callsTriedAgain = (method: string) => new Set(furtherAttemptsOf(method).map(({ call }) => call)).size;

describe("in a faulty run, the Prometheus export", () => {
  test("comes of a run in which everything happened", () => {
    expect(furtherAttemptsOf("faulty.v1.Shop/Retried").length).toBeGreaterThan(4);
    expect(furtherAttemptsOf("faulty.v1.Shop/Hedged").length).toBeGreaterThan(2);
    expect(new Set(shop.calls.map(({ end }) => end))).toEqual(
      new Set(["OK", "status", "deadline_exceeded", "cancelled", "circuit_breaker_open", "concurrency_limit"]),
    );
  });

  test.each(all)("counts the attempts of %s that its server saw", (method) => {
    const labels = { grpc_method: method };
    expect(sumOf(samples, "grpc_client_attempt_started_total", labels)).toBe(attemptsOf(method).length);
    expect(sumOf(samples, "grpc_client_attempt_duration_count", labels)).toBe(attemptsOf(method).length);
  });

  test.each(all)("counts the calls of %s as they ended", (method) => {
    const labels = { rpc_method: method };
    expect(sumOf(samples, "rpc_client_call_duration_count", labels)).toBe(callsOf(method).length);
    const ok = callsOf(method).filter(({ end }) => end === "OK").length;
    expect(sumOf(samples, "rpc_client_call_duration_count", { ...labels, rpc_status_code: "OK" })).toBe(ok);
    for (const reason of ["deadline_exceeded", "cancelled", "circuit_breaker_open", "concurrency_limit"]) {
      const ended = callsOf(method).filter(({ end }) => end === reason).length;
      expect(sumOf(samples, "rpc_client_call_duration_count", { ...labels, error_type: reason })).toBe(ended);
    }
  });

  test("counts retries and hedges as the servers saw them", () => {
    for (const method of ["faulty.v1.Shop/Retried", "faulty.v1.Throttled/Get"]) {
      const labels = { grpc_method: method };
      expect(sumOf(samples, "grpc_client_call_retries_sum", labels)).toBe(furtherAttemptsOf(method).length);
      expect(sumOf(samples, "grpc_client_call_retries_count", labels)).toBe(callsTriedAgain(method));
      expect(sumOf(samples, "grpc_client_call_retry_delay_count", labels)).toBe(callsTriedAgain(method));
    }
    const hedged = "faulty.v1.Shop/Hedged";
    const labels = { grpc_method: hedged };
    expect(sumOf(samples, "grpc_client_call_hedges_sum", labels)).toBe(furtherAttemptsOf(hedged).length);
    expect(sumOf(samples, "grpc_client_call_hedges_count", labels)).toBe(callsTriedAgain(hedged));
    expect(sumOf(samples, "grpc_client_call_retries_count", labels)).toBe(0);
  });

  test("tells the codes of attempts as the server sent them, and those it never answered", () => {
    for (const [code, name] of [
      [0, "OK"],
      [5, "NOT_FOUND"],
      [13, "INTERNAL"],
      [14, "UNAVAILABLE"],
    ] as const) {
      const sent = shop.attempts.filter((attempt) => attempt.code === code).length;
      expect(sumOf(samples, "grpc_client_attempt_duration_count", { grpc_status: name })).toBe(sent);
    }
    const unanswered = shop.attempts.filter(({ code }) => code === undefined).length;
    const given = ["CANCELLED", "DEADLINE_EXCEEDED"].map((name) =>
      sumOf(samples, "grpc_client_attempt_duration_count", { grpc_status: name }),
    );
    expect(given.reduce((sum, count) => sum + count)).toBe(unanswered);
  });

  test("waits as long before retries as the contract says: 5 ms, 10 ms, 20 ms", () => {
    const labels = { grpc_method: "faulty.v1.Shop/Retried" };
    expect(sumOf(samples, "grpc_client_call_retry_delay_sum", labels)).toBeCloseTo(
      (5 + (5 + 10) + (5 + 10 + 20)) / 1000,
    );
  });

  test("tells of the breaker: one trip, one trial, closed again, and whom it refused", () => {
    const name = { service_client_circuit_breaker_name: "faulty.v1.Shop/Guarded" };
    for (const state of ["open", "half_open", "closed"]) {
      expect(sumOf(samples, "service_client_circuit_breaker_transitions_total", { ...name, state })).toBe(1);
    }
    expect(samples).toContainEqual(
      expect.objectContaining({
        name: "service_client_circuit_breaker_state",
        value: 0,
        labels: expect.objectContaining(name),
      }),
    );
    const refused = callsOf("faulty.v1.Shop/Guarded").filter(({ end }) => end === "circuit_breaker_open").length;
    expect(refused).toBe(callsOf("faulty.v1.Shop/Guarded").length - attemptsOf("faulty.v1.Shop/Guarded").length);
    expect(sumOf(samples, "service_client_circuit_breaker_rejected_total", name)).toBe(refused);
  });

  test("tells of calls that throttling and limits stopped", () => {
    const limited = callsOf("faulty.v1.Shop/Limited").filter(({ end }) => end === "concurrency_limit").length;
    expect(limited).toBe(2);
    expect(sumOf(samples, "service_client_concurrency_rejected_total")).toBe(limited);
    // 6 tokens, 1 less for each failure, retries above 3: three attempts, then calls of one.
    const whole = 1;
    const throttled = callsOf("faulty.v1.Throttled/Get").length - whole;
    expect(attemptsOf("faulty.v1.Throttled/Get").length).toBeLessThan(callsOf("faulty.v1.Throttled/Get").length * 3);
    expect(sumOf(samples, "service_client_retry_throttled_total", { rpc_method: "faulty.v1.Throttled/Get" })).toBe(
      throttled,
    );
  });

  test("names the server, by the client's target", () => {
    const { port } = new URL(shop.target.replace("dns:///", "http://"));
    const labels = { rpc_method: "faulty.v1.Shop/Retried", server_address: "localhost", server_port: port };
    expect(sumOf(samples, "rpc_client_call_duration_count", labels)).toBe(callsOf("faulty.v1.Shop/Retried").length);
    expect(sumOf(samples, "grpc_client_attempt_started_total", { grpc_target: shop.target })).toBeGreaterThan(0);
  });

  test.each(all)("of the server counts the calls of %s that it served", (method) => {
    const served = attemptsOf(method);
    expect(sumOf(serverSamples, "grpc_server_call_started_total", { grpc_method: method })).toBe(served.length);
    expect(sumOf(serverSamples, "rpc_server_call_duration_count", { rpc_method: method })).toBe(served.length);
    const ok = served.filter(({ code }) => code === 0).length;
    const labels = { rpc_method: method, rpc_status_code: "OK" };
    expect(sumOf(serverSamples, "rpc_server_call_duration_count", labels)).toBe(ok);
  });
});

describe("in a faulty run, the spans", () => {
  const named = (name: string): readonly ReadableSpan[] => client.spans().filter((span) => span.name === name);

  test.each(all)("of %s are one a call, and below it one an attempt", (method) => {
    const calls = named(`Sent.${method}`);
    const attempts = named(`Attempt.${method}`);
    expect(calls).toHaveLength(callsOf(method).length);
    expect(attempts).toHaveLength(attemptsOf(method).length);
    const ids = new Set(calls.map((span) => span.spanContext().spanId));
    for (const { parentSpanContext, kind } of attempts) {
      expect(ids).toContain(parentSpanContext?.spanId);
      expect(kind).toBe(SpanKind.CLIENT);
    }
  });

  test("of attempts are what their servers were told of, each of its own", () => {
    const sent = client.spans().filter(({ name }) => name.startsWith("Attempt."));
    const contexts = sent.map((span) => span.spanContext()).map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`);
    expect(shop.attempts.map(({ traceparent }) => traceparent).sort()).toEqual(contexts.sort());
    const served = server.spans().map(({ parentSpanContext }) => parentSpanContext?.spanId);
    expect(served.sort()).toEqual(sent.map((span) => span.spanContext().spanId).sort());
  });

  test("number the attempts of a call, and say how they ended", () => {
    const attempts = named("Attempt.faulty.v1.Shop/Retried");
    const failed = attempts.filter(({ attributes }) => attributes["rpc.status_code"] === "UNAVAILABLE");
    expect(failed).toHaveLength(attemptsOf("faulty.v1.Shop/Retried").filter(({ code }) => code === 14).length);
    for (const { status, attributes } of failed) {
      expect(status.code).toBe(SpanStatusCode.ERROR);
      expect(attributes["network.peer.address"]).toMatch(/:\d+$/);
    }
    const previous = attempts.map(({ attributes }) => Number(attributes["previous-rpc-attempts"]));
    const seen = attemptsOf("faulty.v1.Shop/Retried").map(({ previousAttempts }) => previousAttempts);
    expect(previous.sort()).toEqual(seen.sort());
  });
});

test("no token, header value or message of a server appears in any of it", async () => {
  expect(shop.attempts.length).toBeGreaterThan(0);
  const spans = [...client.spans(), ...server.spans()].map(({ name, attributes, events, status, links }) => ({
    name,
    attributes,
    events,
    status,
    links,
  }));
  const everything = JSON.stringify(spans) + text + (await server.scrape());
  const found = ["faulty.v1.Shop/Retried", token, serverMessage].filter((part) => everything.includes(part));
  expect(found).toEqual(["faulty.v1.Shop/Retried"]);
});
