// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status as Status } from "@grpc/grpc-js";
import { contractOf, createServiceClient, currentOverrides, type OverridesEvent, setOverrides } from "@talaria/runtime";
import { afterEach, describe, expect, test } from "vitest";
import { type EchoClient, failure, failureOf, openEcho, text } from "./echo.ts";

const service = `response_timeout_millis: 1000
  retry { max_attempts: 3 initial_backoff_millis: 10 }
  circuit_breaker { minimum_request_threshold: 3 circuit_open_window_millis: 60000 }`;

afterEach(() => setOverrides(undefined));

describe("overrides of the process", () => {
  test("hold a breaker open for one method: nothing is sent, until they are taken back", async () => {
    let calls = 0;
    await using echo = await openEcho(
      { service },
      {
        unary(_call, reply) {
          calls++;
          reply(null, text(echo.service, "ok"));
        },
        client: (_call, reply) => reply(null, text(echo.service, "other method")),
      },
    );
    setOverrides({ reason: "INC-7", rules: [{ service: "echo.v1.Echo", method: "Unary", circuitBreaker: "open" }] });
    const refusal = await failureOf(echo.client.unary({ text: "" }));
    expect(refusal).toMatchObject({ reason: "circuit_breaker_open", attempts: [] });
    expect(String(refusal)).toContain("INC-7");
    expect(calls).toBe(0);
    expect((await echo.client.client((async function* () {})())).text).toBe("other method");
    setOverrides(undefined);
    expect((await echo.client.unary({ text: "" })).text).toBe("ok");
  });

  test("hold a breaker closed, when it is said to be meant", async () => {
    let calls = 0;
    await using echo = await openEcho(
      { service },
      {
        unary(_call, reply) {
          calls++;
          reply(failure(Status.INTERNAL, "ill"));
        },
      },
    );
    const rules = [{ service: "*", circuitBreaker: "closed" }] as const;
    expect(() => setOverrides({ reason: "INC-7", rules })).toThrow(/allowLessSafe/);
    setOverrides({ reason: "INC-7", rules, allowLessSafe: true });
    for (let i = 0; i < 6; i++) {
      expect(await failureOf(echo.client.unary({ text: "" }))).toMatchObject({ reason: "status" });
    }
    expect(calls).toBe(6);
  });

  test("cap attempts and shorten a timeout, for clients that are open and those that open later", async () => {
    const deadlines: number[] = [];
    await using echo = await openEcho(
      { service },
      {
        unary(call, reply) {
          deadlines.push(Number(call.getDeadline()) - Date.now());
          reply(failure(Status.UNAVAILABLE, "no"));
        },
      },
    );
    setOverrides({ reason: "INC-7", rules: [{ service: "*", maxAttempts: 1, responseTimeoutMs: 400 }] });
    await using later = echo.open();
    for (const client of [echo.client, later]) {
      expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ reason: "status" });
    }
    expect(deadlines).toHaveLength(2);
    for (const deadline of deadlines) {
      expect(deadline).toBeLessThanOrEqual(400);
    }
  });

  test("never lengthen a timeout unless it is said to be meant", async () => {
    await using echo = await openEcho({ service }, {});
    const rules = [{ service: "echo.v1.Echo", responseTimeoutMs: 5000 }];
    expect(() => setOverrides({ reason: "INC-7", rules })).toThrow(
      /5000 ms is longer than the 1000 ms of its contract/,
    );
    expect(currentOverrides()).toBeUndefined();
    setOverrides({ reason: "INC-7", rules, allowLessSafe: true });
    expect(currentOverrides()?.rules).toEqual(rules);
    expect(echo.server.port).toBeGreaterThan(0);
  });

  test("of one client are logged, and leave other clients alone", async () => {
    const deadlines: number[] = [];
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.message);
    process.on("warning", onWarning);
    await using echo = await openEcho(
      { service },
      {
        unary(call, reply) {
          deadlines.push(Number(call.getDeadline()) - Date.now());
          reply(null, text(echo.service, ""));
        },
      },
    );
    const override = { reason: "a slow test", methods: [{ method: "Unary", responseTimeoutMs: 9000 }] };
    const client = createServiceClient(contractOf(echo.service), { target: echo.server.target, override });
    await using relaxed = client as unknown as EchoClient;
    await relaxed.unary({ text: "" });
    await echo.client.unary({ text: "" });
    expect(deadlines[0]).toBeGreaterThan(5000);
    expect(deadlines[1]).toBeLessThanOrEqual(1000);
    await expect.poll(() => warnings.join()).toContain("departs from its contract (a slow test)");
    process.off("warning", onWarning);
  });

  test("come from a file, are followed, and stay in force when the file is wrong", async () => {
    const folder = mkdtempSync(join(tmpdir(), "talaria-overrides-"));
    const path = join(folder, "overrides.json");
    const seen: OverridesEvent[] = [];
    const onEvent = (event: unknown): void => void seen.push(event as OverridesEvent);
    subscribe("talaria.overrides", onEvent);
    process.env.TALARIA_OVERRIDES = path;
    try {
      writeFileSync(path, JSON.stringify({ reason: "INC-8", rules: [{ service: "*", circuitBreaker: "open" }] }));
      await using echo = await openEcho(
        { service },
        { unary: (_call, reply) => reply(null, text(echo.service, "ok")) },
      );
      expect(await failureOf(echo.client.unary({ text: "" }))).toMatchObject({ reason: "circuit_breaker_open" });
      writeFileSync(path, '{ "reason": "INC-8", "rules": [{ "service": "*", "maxAttempts": 9 }] }');
      await expect.poll(() => seen.at(-1)?.kind, { timeout: 10_000, interval: 50 }).toBe("refused");
      expect(await failureOf(echo.client.unary({ text: "" }))).toMatchObject({ reason: "circuit_breaker_open" });
      rmSync(path);
      const answer = (): Promise<string> => echo.client.unary({ text: "" }).then(({ text }) => text, String);
      await expect.poll(answer, { timeout: 10_000, interval: 50 }).toBe("ok");
      expect(seen.map(({ kind }) => kind)).toEqual(["applied", "refused", "applied"]);
    } finally {
      delete process.env.TALARIA_OVERRIDES;
      unsubscribe("talaria.overrides", onEvent);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
