// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status as Status } from "@grpc/grpc-js";
import {
  contractOf,
  createServiceClient,
  currentOverrides,
  type OverrideRule,
  type OverridesEvent,
  setOverrides,
} from "@talaria/runtime";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { captureWarnings } from "../support/warnings.ts";
import { type EchoClient, echoService, failure, failureOf, openEcho, text } from "./echo.ts";

const service = `response_timeout_millis: 1000
  retry { max_attempts: 3 initial_backoff_millis: 10 }
  circuit_breaker { minimum_request_threshold: 3 circuit_open_window_millis: 60000 }`;

const logged = captureWarnings(
  "TALARIA_OVERRIDE",
  /^overrides (are in force|were taken back) \(|departs from its contract \(a (slow|careful) test\): |overrides\.json is refused, and what was in force before stays:\n|overrides\.json cannot be read, |which is not there: nothing is overridden by it|^an override is not applied: |^of the overrides in force \(setOverrides\(\)\), rules\[[01]\] changes nothing/,
);
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
    expect(await logged.texts()).toEqual([
      'overrides are in force (setOverrides()): {"reason":"INC-7","rules":' +
        '[{"service":"echo.v1.Echo","method":"Unary","circuitBreaker":"open"}]}',
      "overrides were taken back (setOverrides()): every client goes by its contract",
    ]);
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

  test("are those that were checked, whatever becomes of the object they came in", async () => {
    const rules: OverrideRule[] = [{ service: "*", maxAttempts: 1 }];
    setOverrides({ reason: "INC-7", rules });
    rules.push({ service: "*", circuitBreaker: "closed", responseTimeoutMs: 60_000 });
    expect(currentOverrides()).toEqual({ reason: "INC-7", rules: [{ service: "*", maxAttempts: 1 }] });
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

  test("lengthen no timeout of a client that opens later either, which is told and has the rest of them", async () => {
    setOverrides({ reason: "INC-7", rules: [{ service: "*", maxAttempts: 1, responseTimeoutMs: 5000 }] });
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
    await failureOf(echo.client.unary({ text: "" }));
    expect(deadlines).toHaveLength(1);
    expect(deadlines[0]).toBeLessThanOrEqual(1000);
    expect((await logged.texts()).join()).toContain("an override is not applied: rules[0].responseTimeoutMs 5000 ms");
  });

  test("of one client are logged, and leave other clients alone", async () => {
    const deadlines: number[] = [];
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
    expect(await logged.texts()).toEqual([
      "a client of echo.v1.Echo departs from its contract (a slow test): " +
        '{"methods":[{"method":"Unary","responseTimeoutMs":9000}]}',
    ]);
  });

  test.each(["first", "last"])("of one client bind no other in how many calls it makes: opened %s", async (when) => {
    const waiting: (() => void)[] = [];
    await using echo = await openEcho(
      { service: "response_timeout_millis: 10000 max_concurrent_requests: 3" },
      { unary: (_call, reply) => void waiting.push(() => reply(null, text(echo.service, ""))) },
    );
    const contract = contractOf(echo.service);
    // Another name of the same server: the client that is open already is none of these.
    const target = echo.server.target.replace("dns:///", "");
    const override = { reason: "a careful test", methods: [{ maxConcurrentRequests: 1 }] };
    const open = (options: object): EchoClient =>
      createServiceClient(contract, { target, ...options }) as unknown as EchoClient;
    const options = when === "first" ? [{ override }, {}] : [{}, { override }];
    const clients = options.map(open);
    const [careful, plain] = (when === "first" ? clients : clients.toReversed()) as [EchoClient, EchoClient];
    try {
      const running = [careful.unary({ text: "" })];
      const refusal = await failureOf(careful.unary({ text: "" }));
      expect(refusal).toMatchObject({ reason: "concurrency_limit" });
      expect(String(refusal)).toContain("the override that its client was opened with (a careful test) for");
      running.push(plain.unary({ text: "" }), plain.unary({ text: "" }));
      expect(String(await failureOf(plain.unary({ text: "" })))).toContain(
        "echo.v1.Echo/Unary allows 3 concurrent calls",
      );
      await expect.poll(() => waiting.length).toBe(3);
      for (const answer of waiting) {
        answer();
      }
      await Promise.all(running);
    } finally {
      await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    }
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

  test("from a file stay in force while it cannot be read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "talaria-overrides-"));
    const path = join(folder, "overrides.json");
    onTestFinished(() => {
      delete process.env.TALARIA_OVERRIDES;
      rmSync(folder, { recursive: true, force: true });
    });
    writeFileSync(path, JSON.stringify({ reason: "INC-8", rules: [{ service: "*", circuitBreaker: "open" }] }));
    process.env.TALARIA_OVERRIDES = path;
    await using echo = await openEcho({ service }, {});
    rmSync(path);
    mkdirSync(path);
    const texts = async (): Promise<string> => (await logged.texts()).join();
    await expect.poll(texts).toContain("cannot be read, and what was in force before stays: EISDIR");
    expect(await failureOf(echo.client.unary({ text: "" }))).toMatchObject({ reason: "circuit_breaker_open" });
  });

  test("that concern nothing are in the result, in the event, and warned of with the nearest name", async () => {
    const { seen, warnings } = watch();
    await using echo = await openEcho({ service }, {});
    expect(echo.server.port).toBeGreaterThan(0);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { unmatched } = setOverrides({
      reason: "INC-7",
      rules: [
        { service: "echo.v1.Eco", circuitBreaker: "open" },
        { service: "echo.v1.Echo", method: "unary", circuitBreaker: "open" },
        { service: "echo.v1.Echo", method: "Unary", circuitBreaker: "open" },
      ],
    });
    expect(unmatched).toEqual([
      { path: "rules[0]", service: "echo.v1.Eco", nearest: ["echo.v1.Echo"], serviceIsOpen: false },
      { path: "rules[1]", service: "echo.v1.Echo", method: "unary", nearest: ["Unary"], serviceIsOpen: true },
    ]);
    expect(seen.at(-1)).toMatchObject({ kind: "applied", unmatched });
    await expect.poll(() => warnings.join()).toContain("echo.v1.Echo has no method unary; did you mean Unary?");
    expect(warnings.join()).not.toContain("echo.v1.Eco is open");
    vi.advanceTimersByTime(5000);
    expect(seen.at(-1)).toMatchObject({ kind: "unmatched", unmatched: unmatched.slice(0, 1) });
    vi.useRealTimers();
    await expect.poll(() => warnings.join()).toContain("no client of echo.v1.Eco is open");
  });

  test("for a client that opens a little later are not warned of", async () => {
    const { seen } = watch();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const rules = [{ service: "echo.v1.Echo", circuitBreaker: "open" }] as const;
    expect(setOverrides({ reason: "INC-7", rules }).unmatched).toHaveLength(1);
    const client = createServiceClient(contractOf(echoService({ service })), { target: "dns:///localhost:1" });
    vi.advanceTimersByTime(5000);
    vi.useRealTimers();
    expect(seen.map(({ kind }) => kind)).toEqual(["applied"]);
    await client[Symbol.asyncDispose]();
  });

  test("from a file are refused with everything that is wrong, and where", async () => {
    const { seen, warnings } = watch();
    await using file = overridesFile();
    file.write(`{
  "rules": [
    { "service": "*", "maxAttempts": 9 },
    { "service": "echo.v1.Echo", "responseTimeoutMs": 5000 }
  ]
}`);
    await using echo = await openEcho({ service }, {});
    expect(echo.server.port).toBeGreaterThan(0);
    expect(seen).toMatchObject([
      {
        kind: "refused",
        problems: [
          { path: "reason", line: 1, column: 1 },
          { path: "rules[0].maxAttempts", line: 3, column: 23 },
          ...["Unary", "Server", "Client", "Bidi"].map((method) => ({
            path: "rules[1].responseTimeoutMs",
            line: 4,
            column: 34,
            message: expect.stringContaining(`for echo.v1.Echo/${method}`),
          })),
        ],
      },
    ]);
    await expect.poll(() => warnings.join()).toContain(`${file.path}:3:23: rules[0].maxAttempts must be`);
    file.write('{\n  "reason": "INC-7"\n  "rules": []\n}');
    await expect.poll(() => warnings.join(), { timeout: 10_000 }).toContain(`${file.path}:3:3: it is no JSON`);
    expect(seen.at(-1)).toMatchObject({ kind: "refused", problems: [{ line: 3, column: 3 }] });
  });

  test("from a file may begin with a byte order mark, which moves no place in it", async () => {
    const { seen } = watch();
    await using file = overridesFile();
    file.write(`\uFEFF${JSON.stringify({ reason: "INC-8", rules: [{ service: "*", circuitBreaker: "open" }] })}`);
    await using echo = await openEcho({ service }, {});
    expect(await failureOf(echo.client.unary({ text: "" }))).toMatchObject({ reason: "circuit_breaker_open" });
    file.write('\uFEFF{ "reason": 7, "rules": [] }');
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(2);
    expect(seen).toMatchObject([{ kind: "applied" }, { kind: "refused", problems: [{ line: 1, column: 3 }] }]);
  });

  test("from a file that is not there are said to be missing, once, and read when it appears", async () => {
    const { seen, warnings } = watch();
    await using file = overridesFile();
    await using echo = await openEcho({ service }, { unary: (_call, reply) => reply(null, text(echo.service, "ok")) });
    await using another = echo.open();
    expect((await another.unary({ text: "" })).text).toBe("ok");
    expect(seen).toEqual([{ kind: "missing", source: file.path }]);
    await expect
      .poll(() => warnings)
      .toEqual([expect.stringContaining(`${file.path}, which is not there: nothing is`)]);
    file.write(JSON.stringify({ reason: "INC-8", rules: [{ service: "*", circuitBreaker: "open" }] }));
    await expect.poll(() => seen.map(({ kind }) => kind), { timeout: 10_000 }).toEqual(["missing", "applied"]);
    expect(await failureOf(echo.client.unary({ text: "" }))).toMatchObject({ reason: "circuit_breaker_open" });
    expect(warnings.filter((warning) => warning.includes("which is not there"))).toHaveLength(1);
  });
});

/** Everything that is said about overrides from now on, until the test ends. */
function watch(): { readonly seen: OverridesEvent[]; readonly warnings: string[] } {
  const seen: OverridesEvent[] = [];
  const warnings: string[] = [];
  const onEvent = (event: unknown): void => void seen.push(event as OverridesEvent);
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  subscribe("talaria.overrides", onEvent);
  process.on("warning", onWarning);
  onTestFinished(() => {
    vi.useRealTimers();
    unsubscribe("talaria.overrides", onEvent);
    process.off("warning", onWarning);
  });
  return { seen, warnings };
}

/** A file, not there yet, that `TALARIA_OVERRIDES` names until the scope is left. */
function overridesFile(): { readonly path: string; write(text: string): void } & AsyncDisposable {
  const folder = mkdtempSync(join(tmpdir(), "talaria-overrides-"));
  const path = join(folder, "overrides.json");
  process.env.TALARIA_OVERRIDES = path;
  return {
    path,
    write: (content) => writeFileSync(path, content),
    async [Symbol.asyncDispose]() {
      delete process.env.TALARIA_OVERRIDES;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
