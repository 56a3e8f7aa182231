// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { contractOf, createServiceClient, isCallError } from "@talaria/runtime";
import { expect, test } from "vitest";
import { type EchoClient, type EchoOptions, echoService, failureOf } from "../e2e/echo.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

const contract: EchoOptions = { service: "drain { notice_millis: 100 grace_millis: 30000 }" };

/** A server process that works on one call. */
async function busy(callMs: number): Promise<{ server: ServerProcess; client: EchoClient; call: Promise<unknown> }> {
  const server = await startServerProcess({ contract, callMs });
  const target = `ipv4:127.0.0.1:${await server.ready(0)}`;
  const client = createServiceClient(contractOf(echoService(contract)), { target }) as unknown as EchoClient;
  const call = client.unary({ text: "in flight" });
  while ((await server.served()) === 0) {
    await sleep(10);
  }
  return { server, client, call };
}

test.concurrent.each(["SIGTERM", "SIGINT"] as const)(
  "%s drains: the call in flight is answered, and the process ends well before the grace does",
  async (signal) => {
    const { server, client, call } = await busy(500);
    await using _ = server;
    await using __ = client;
    const startMs = performance.now();
    server.signal(signal);
    expect(await call).toMatchObject({ text: "in flight" });
    expect(await server.gone).toEqual({ code: 0, signal: null });
    expect(performance.now() - startMs).toBeLessThan(15_000);
    expect(server.events).toEqual(["serving", "not_serving", "go_away", "closed"]);
    expect(server.report).toMatchObject({ trigger: signal, atGoAway: { calls: 1 }, cut: { calls: 0 } });
  },
);

test.concurrent("a second SIGTERM ends the drain at once", async () => {
  const { server, client, call } = await busy(60_000);
  await using _ = server;
  await using __ = client;
  const failure = failureOf(call);
  server.signal("SIGTERM");
  while (!server.events.includes("go_away")) {
    await sleep(10);
  }
  const startMs = performance.now();
  server.signal("SIGTERM");
  expect(await server.gone).toEqual({ code: 143, signal: null });
  expect(performance.now() - startMs).toBeLessThan(10_000);
  expect(isCallError(await failure, "connection_lost")).toBe(true);
  expect(server.report).toMatchObject({ cut: { calls: 1 } });
});
