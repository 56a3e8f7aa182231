// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { contractOf, createServiceClient, runInCallScope } from "@talaria/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EchoClient, echoService, failureOf } from "../echo.ts";

interface Said {
  readonly role: string;
  readonly event: string;
  readonly atMs: number;
  readonly leftMs?: number;
  readonly tenant?: string;
  readonly port?: number;
}

const children: ChildProcess[] = [];
const said: Said[] = [];
let client: EchoClient;

async function start(role: string, next?: number): Promise<number> {
  const args = next === undefined ? [role] : [role, String(next)];
  const child = fork(fileURLToPath(new URL("server.ts", import.meta.url)), args, {
    execArgv: ["--conditions=talaria-source"],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.on("message", (message) => {
      const event = message as Said;
      said.push(event);
      if (event.port !== undefined) {
        resolve(event.port);
      }
    });
    child.on("exit", (code) => reject(new Error(`server ${role} ended with ${code}`)));
  });
}

beforeAll(async () => {
  const port = await start("A", await start("B", await start("C")));
  const contract = contractOf(echoService({ service: "response_timeout_millis: 120000" }));
  client = createServiceClient(contract, { target: `dns:///127.0.0.1:${port}` }) as unknown as EchoClient;
  await client.unary({ text: "echo" });
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  for (const child of children) {
    child.removeAllListeners("exit");
    child.disconnect();
  }
});

beforeEach(() => {
  said.length = 0;
});

const seenBy = (role: string, event: string): Said | undefined =>
  said.find((message) => message.role === role && message.event === event);

/** When a server was told that the call is over. */
async function endAt(role: string): Promise<number> {
  await expect.poll(() => seenBy(role, "cancelled"), { interval: 5, timeout: 5000 }).toBeDefined();
  return seenBy(role, "cancelled")?.atMs ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

// A and C are served by connect-node, B by grpc-js; every hop is a guarded client over grpc-js.
describe("a chain of three servers", () => {
  test("passes the allowed header on, and ever less time", async () => {
    const answer = await client.unary({ text: "tell" }, { timeoutMs: 3000, headers: { "x-tenant": "acme" } });
    expect(answer.text).toBe("acme");
    await expect.poll(() => said.filter(({ event }) => event === "seen").length).toBe(3);
    const [a = 0, b = 0, c = 0] = ["A", "B", "C"].map((role) => seenBy(role, "seen")?.leftMs);
    expect(a).toBeLessThanOrEqual(3000);
    expect(b).toBeLessThan(a);
    expect(c).toBeLessThan(b);
    expect(c).toBeGreaterThan(1000);
  });

  test("does not pass on a header that is not allowed", async () => {
    const answer = await client.unary({ text: "tell" }, { headers: { "x-other": "acme" } });
    expect(answer.text).toBe("none");
  });

  test("is cancelled to its end within 50 ms", async () => {
    const tookMs: number[] = [];
    for (let i = 0; i < 21; i++) {
      said.length = 0;
      const controller = new AbortController();
      const call = failureOf(client.unary({ text: "hang" }, { signal: controller.signal }));
      await expect.poll(() => seenBy("C", "seen"), { interval: 5 }).toBeDefined();
      const cancelledAtMs = Date.now();
      controller.abort();
      expect(await call).toMatchObject({ reason: "cancelled" });
      tookMs.push((await endAt("C")) - cancelledAtMs);
    }
    expect(median(tookMs)).toBeLessThanOrEqual(50);
    // A busy machine may delay any one of them, though none for long.
    expect(Math.max(...tookMs)).toBeLessThan(1000);
  });

  test("keeps a deadline of 300 ms to its end", async () => {
    const endedAfterMs: number[] = [];
    for (let i = 0; i < 11; i++) {
      said.length = 0;
      const startedAtMs = Date.now();
      const error = await failureOf(client.unary({ text: "hang" }, { timeoutMs: 300 }));
      expect(error).toMatchObject({ reason: "deadline_exceeded" });
      const ends = await Promise.all(["A", "B", "C"].map(endAt));
      endedAfterMs.push(Math.max(...ends) - startedAtMs);
      const [a, b, c] = ["A", "B", "C"].map((role) => seenBy(role, "seen"));
      expect(a?.leftMs).toBeLessThanOrEqual(300);
      // Each server waits for 5 ms before it calls the next. Timers may be a millisecond early, and times are told rounded up.
      expect(b?.leftMs).toBeLessThanOrEqual((a?.leftMs ?? Number.NaN) - 3);
      expect(c?.leftMs).toBeLessThanOrEqual((b?.leftMs ?? Number.NaN) - 3);
    }
    expect(median(endedAfterMs)).toBeLessThanOrEqual(350);
    expect(Math.max(...endedAfterMs)).toBeLessThan(1300);
  });

  test("mixes nothing up among 1,000 calls at once: headers, deadlines, cancellations", async () => {
    const timeoutOf = (i: number): number => (i % 2 === 0 ? 60_000 : 110_000);
    const isCancelled = (i: number): boolean => i % 10 === 0;
    const answers = await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => {
        const controller = new AbortController();
        const headers = { "x-tenant": `tenant-${i}` };
        const options = { headers, timeoutMs: timeoutOf(i), signal: controller.signal };
        const call = runInCallScope({ headers }, () => client.unary({ text: "time" }, options));
        if (isCancelled(i)) {
          controller.abort();
        }
        return call.then(
          ({ text }) => text,
          ({ reason }) => reason as string,
        );
      }),
    );
    for (const [i, answer] of answers.entries()) {
      const [tenant, leftMs] = answer.split(" ");
      expect(tenant).toBe(isCancelled(i) ? "cancelled" : `tenant-${i}`);
      if (!isCancelled(i)) {
        // That of the other half would be too long, or too short by far more than the chain takes.
        expect(Number(leftMs)).toBeLessThanOrEqual(timeoutOf(i));
        expect(Number(leftMs)).toBeGreaterThan(timeoutOf(i) - 45_000);
      }
    }
  });
});
