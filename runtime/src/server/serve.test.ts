// SPDX-License-Identifier: Apache-2.0
import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { connect, contractOf, createServiceClient } from "@talaria/runtime";
import { describe, expect, test, vi } from "vitest";
import { type EchoClient, echoService, failureOf, type Text } from "../../../test/e2e/echo.ts";
import { type Fixture, serverKinds, startFixture, startLoad, until } from "../../../test/scenarios/server-fixture.ts";
import { openRaw } from "../../../test/scenarios/server-raw-client.ts";
import { createTestAuthority } from "../../../test/support/certificates.ts";
import type { ServerEvent } from "./events.ts";
import { HealthCheckResponse_ServingStatus as Status } from "./gen/grpc/health/v1/health_pb.ts";
import { serve } from "./serve.ts";
import { serviceDefinition } from "./service-definition.ts";

// Real sockets on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const nameOf = (status: number): string | undefined =>
  Object.entries(Status).find(([, number]) => number === status)?.[0];

const kinds = (events: readonly ServerEvent[]): string[] => events.map(({ kind }) => kind);

function eventOf<K extends ServerEvent["kind"]>(fixture: Fixture, kind: K): Extract<ServerEvent, { kind: K }> {
  const event = fixture.events.find((candidate) => candidate.kind === kind);
  if (event === undefined) {
    throw new Error(`there is no event ${kind}, only ${kinds(fixture.events)}`);
  }
  return event as Extract<ServerEvent, { kind: K }>;
}

describe.each(serverKinds)("a server of %s", (kind) => {
  test("leaves in order: NOT_SERVING, notice, GOAWAY, the last call, closed", async () => {
    await using fixture = await startFixture({ kind, contract: "drain { notice_millis: 300 grace_millis: 5000 }" });
    await fixture.ready();
    await using client = fixture.client();
    const seen: string[] = [];
    const log = (what: string): void => void seen.push(what);

    const raw = connectHttp2(`http://127.0.0.1:${fixture.port()}`);
    raw.once("goaway", () => log("GOAWAY"));
    const watched = (async () => {
      for await (const { status } of fixture.health().watch({})) {
        log(`watch ${nameOf(status)}`);
      }
    })();
    await until(() => seen.length === 1);
    const slow = client.unary({ text: "1000" }).then(() => log("slow call answered"));
    await until(() => fixture.served === 1);

    const drained = fixture.server.drain().then(() => log("drained"));
    await until(() => seen.includes("watch NOT_SERVING"));
    await client.unary({ text: "0 in the notice" });
    log("call in the notice answered");
    expect(new ConnectError(((await failureOf(watched)) as Error).message).message).toContain(
      "the server is going away",
    );
    await Promise.all([slow, drained]);

    expect(seen).toEqual([
      "watch SERVING",
      "watch NOT_SERVING",
      "call in the notice answered",
      "GOAWAY",
      "slow call answered",
      "drained",
    ]);
    expect(kinds(fixture.events)).toEqual(["serving", "not_serving", "go_away", "closed"]);
    expect(eventOf(fixture, "go_away").atMs - eventOf(fixture, "not_serving").atMs).toBeGreaterThanOrEqual(295);
    expect(eventOf(fixture, "go_away")).toMatchObject({ graceMs: 5000, calls: 1, connections: 3 });
    expect(eventOf(fixture, "closed").report).toMatchObject({ trigger: "call", cut: { connections: 0, calls: 0 } });
    expect(fixture.server.state).toBe("closed");
    raw.destroy();
  });

  test("warns a client that has an open call before it refuses further ones", async () => {
    await using fixture = await startFixture({ kind });
    await fixture.ready();
    using raw = await openRaw(fixture);
    raw.call("Unary", "300");
    await until(() => fixture.served === 1);
    await fixture.server.drain();
    expect(raw.goAways.slice(0, 2)).toEqual([`0 ${2 ** 31 - 1} draining`, "0 1 "]);
  });

  test("is not held by clients that only watch its health", async () => {
    const contract = "health_check {} drain { notice_millis: 1 grace_millis: 60000 }";
    await using fixture = await startFixture({ kind, contract });
    await fixture.ready();
    await using client = fixture.client();
    await connect(client);
    const { cut, atGoAway, tookMs } = await fixture.server.drain();
    expect(atGoAway).toEqual({ connections: 1, calls: 0 });
    expect(cut).toEqual({ connections: 0, calls: 0 });
    expect(tookMs).toBeLessThan(10_000);
  });

  test("drains once, however often it is asked", async () => {
    await using fixture = await startFixture({ kind });
    await fixture.ready();
    const [first, second] = await Promise.all([fixture.server.drain(), fixture.server.drain()]);
    expect(second).toBe(first);
    expect(kinds(fixture.events)).toEqual(["serving", "not_serving", "go_away", "closed"]);
  });

  test("sends new calls elsewhere, and fails none of them", async () => {
    const contract = "drain { notice_millis: 100 grace_millis: 5000 } load_balancing { policy: ROUND_ROBIN }";
    await using leaving = await startFixture({ kind, contract });
    await using staying = await startFixture({ kind, contract });
    await Promise.all([leaving.ready(), staying.ready()]);
    const target = `ipv4:127.0.0.1:${leaving.port()},127.0.0.1:${staying.port()}`;
    await using client = createServiceClient(contractOf(leaving.service), { target }) as unknown as EchoClient;
    await using load = startLoad(() => client.unary({ text: "1" }));
    await until(() => Math.min(leaving.served, staying.served) > 100);
    await leaving.server.drain();
    const servedAtEnd = leaving.served;
    const before = staying.served;
    await until(() => staying.served > before + 100);
    expect(await load.stop()).toEqual([]);
    expect(leaving.served).toBe(servedAtEnd);
  });

  test("cuts off what outlasts the grace, says how much that was, and calls see UNAVAILABLE", async () => {
    await using fixture = await startFixture({ kind, contract: "drain { notice_millis: 1 grace_millis: 200 }" });
    await fixture.ready();
    await using client = fixture.client();
    const calls = [client.unary({ text: "3000" }), client.unary({ text: "3000" }), client.server({ text: "50" })].map(
      failureOf,
    );
    // Not only our own clients, who know a lost connection whatever it looks like.
    const bare = fixture.bareCalls("3000");
    await until(() => fixture.served === 7);
    await sleep(100);
    const report = await fixture.server.drain();
    expect(await bare).toEqual(new Set(["UNAVAILABLE"]));
    expect(await Promise.all(calls)).toMatchObject(Array(3).fill({ code: Code.Unavailable }));
    expect(kinds(fixture.events)).toEqual(["serving", "not_serving", "go_away", "cut", "closed"]);
    expect(report).toMatchObject({ atGoAway: { connections: 2, calls: 8 }, cut: { connections: 2, calls: 8 } });
    expect(report.tookMs).toBeGreaterThanOrEqual(195);
    expect(report.tookMs).toBeLessThan(4000);
  });

  test("tells endless streams when to end", async () => {
    await using fixture = await startFixture({ kind, contract: "drain { notice_millis: 1 grace_millis: 5000 }" });
    await fixture.ready();
    await using client = fixture.client();
    const first = Promise.withResolvers<void>();
    const stream = (async () => {
      for await (const _ of client.server({ text: "20 polite" })) {
        first.resolve();
      }
    })();
    await first.promise;
    const report = await fixture.server.drain();
    await stream;
    expect(report).toMatchObject({ atGoAway: { calls: 1 }, cut: { calls: 0 } });
    expect(report.tookMs).toBeLessThan(4000);
  });

  test("close() waits for neither notice nor grace, not even for those that have begun", async () => {
    await using fixture = await startFixture({ kind, contract: "drain { notice_millis: 60000 grace_millis: 60000 }" });
    await fixture.ready();
    await using client = fixture.client();
    const call = failureOf(client.unary({ text: "60000" }));
    await until(() => fixture.served === 1);
    const drained = fixture.server.drain();
    await until(() => kinds(fixture.events).includes("not_serving"));
    const report = await fixture.server.close();
    expect(await drained).toBe(report);
    expect(report).toMatchObject({ cut: { calls: 1 } });
    expect(await call).toMatchObject({ code: Code.Unavailable });
  });

  test("listens only when it is ready, and not any more when it drains", async () => {
    const { promise: portTaken, resolve } = Promise.withResolvers<number>();
    {
      await using probe = await startFixture({ kind });
      await probe.ready();
      resolve(probe.port());
    }
    const port = await portTaken;
    await using fixture = await startFixture({ kind, port });
    expect(await isListening(port)).toBe(false);
    expect(fixture.server.health.get("")).toBe("NOT_SERVING");
    await fixture.ready();
    expect(fixture.port()).toBe(port);
    expect(await isListening(port)).toBe(true);
    expect(fixture.server.health.get("")).toBe("SERVING");
    await fixture.server.drain();
    expect(await isListening(port)).toBe(false);
    await expect(fixture.server.ready()).rejects.toThrow("the server is draining");
  });

  test("that was never ready has nobody to give notice to", async () => {
    await using fixture = await startFixture({ kind, contract: "drain { notice_millis: 60000 }" });
    const report = await fixture.server.drain();
    expect(report.tookMs).toBeLessThan(1000);
    expect(kinds(fixture.events)).toEqual(["not_serving", "go_away", "closed"]);
  });

  test("runs onClosed after the last call, and before it is closed", async () => {
    const seen: string[] = [];
    await using fixture = await startFixture({
      kind,
      onClosed: async () => {
        seen.push("release");
        await sleep(20);
        seen.push("released");
      },
    });
    await fixture.ready();
    await using client = fixture.client();
    const call = client.unary({ text: "100" }).then(() => seen.push("call"));
    await until(() => fixture.served === 1);
    await fixture.server.drain();
    await call;
    expect(seen).toEqual(["call", "release", "released"]);
  });
});

test("a drain over TLS is the same, and what is cut off is UNAVAILABLE", async () => {
  const authority = await createTestAuthority();
  const { cert, key } = await authority.issue([{ type: "dns", value: "localhost" }]);
  const contract = "transport_security { mode: TLS } drain { notice_millis: 1 grace_millis: 300 }";
  const service = echoService({ service: contract });
  let calls = 0;
  await using server = await serve({
    contracts: [contractOf(service)],
    services: (grpc) =>
      grpc.addService(serviceDefinition(service), {
        unary: ({ request }: ServerUnaryCall<Text, Text>, reply: sendUnaryData<Text>) => {
          calls += 1;
          setTimeout(() => reply(null, request), Number(request.text));
        },
      }),
    host: "127.0.0.1",
    port: 0,
    credentials: ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }]),
    signals: false,
  });
  const target = `dns:///localhost:${await server.ready()}`;
  await using client = createServiceClient(contractOf(service), {
    target,
    tls: { ca: authority.ca },
  }) as unknown as EchoClient;
  const [short, long] = [client.unary({ text: "100" }), failureOf(client.unary({ text: "10000" }))];
  await until(() => calls === 2);
  const report = await server.drain();
  expect(await short).toMatchObject({ text: "100" });
  expect(await long).toMatchObject({ code: Code.Unavailable, reason: "connection_lost" });
  expect(report).toMatchObject({
    atGoAway: { connections: 1, calls: 2 },
    cut: { connections: 1, calls: 1 },
  });
});

test("steps are published on the diagnostics channel", async () => {
  const seen: unknown[] = [];
  const listen = (event: unknown): void => void seen.push(event);
  channel("talaria.server").subscribe(listen);
  await using fixture = await startFixture({ kind: "grpc-js" });
  await fixture.ready();
  await fixture.server.drain();
  channel("talaria.server").unsubscribe(listen);
  expect(seen).toEqual(fixture.events);
});

test("a contract that wants TLS is not served without credentials", async () => {
  const contract = contractOf(echoService({ service: "transport_security { mode: TLS }" }));
  await expect(serve({ contracts: [contract], services: () => {}, port: 0, signals: false })).rejects.toThrow(
    "echo.v1.Echo wants transport_security.mode TLS: pass credentials",
  );
});

async function isListening(port: number): Promise<boolean> {
  const socket = connectTcp(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
