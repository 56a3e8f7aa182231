// SPDX-License-Identifier: Apache-2.0
import { networkInterfaces } from "node:os";
import { expect, test, vi } from "vitest";
import { type Fixture, startFixture, until } from "../../../test/scenarios/server-fixture.ts";

// Real sockets on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

async function ask(fixture: Fixture, line: string, host = "127.0.0.1"): Promise<{ code: number; body: unknown }> {
  const [method = "", path = ""] = line.split(" ");
  const response = await fetch(`http://${host}:${fixture.server.adminPort}${path}`, { method });
  return { code: response.status, body: await response.json() };
}

test("probes follow the life of the server, and POST /drain ends it", async () => {
  await using fixture = await startFixture({
    kind: "grpc-js",
    admin: { port: 0 },
    contract: "drain { notice_millis: 200 grace_millis: 5000 }",
  });
  expect(await ask(fixture, "GET /live")).toMatchObject({ code: 200, body: { state: "starting" } });
  expect(await ask(fixture, "GET /ready")).toMatchObject({ code: 503, body: { state: "starting", ready: false } });
  await fixture.ready();
  await using client = fixture.client();
  const call = client.unary({ text: "700" });
  await until(() => fixture.served === 1);
  expect(await ask(fixture, "GET /ready")).toEqual({
    code: 200,
    body: { state: "serving", ready: true, connections: 1, calls: 1 },
  });
  fixture.server.health.set("", "NOT_SERVING");
  expect(await ask(fixture, "GET /ready")).toMatchObject({ code: 503, body: { state: "serving", ready: false } });

  const drained = [ask(fixture, "POST /drain"), ask(fixture, "POST /drain")];
  await until(() => fixture.server.state === "draining");
  expect(await ask(fixture, "GET /ready")).toMatchObject({ code: 503, body: { state: "draining" } });
  expect(await ask(fixture, "GET /live")).toMatchObject({ code: 200 });
  for (const answer of await Promise.all(drained)) {
    expect(answer).toMatchObject({ code: 200, body: { trigger: "admin", cut: { calls: 0 } } });
  }
  await call;
  expect(fixture.events.filter(({ kind }) => kind === "not_serving")).toHaveLength(1);
  await expect(ask(fixture, "GET /live")).rejects.toThrow("fetch failed");
});

test("everything else is not there", async () => {
  await using fixture = await startFixture({ kind: "grpc-js", admin: { port: 0 } });
  for (const line of ["GET /", "GET /drain", "POST /ready"]) {
    expect(await ask(fixture, line)).toMatchObject({ code: 404 });
  }
});

test("a drain that fails is reported, and the server is closed all the same", async () => {
  const fixture = await startFixture({
    kind: "grpc-js",
    admin: { port: 0 },
    onClosed: () => Promise.reject(new Error("the pool is stuck")),
  });
  await fixture.ready();
  expect(await ask(fixture, "POST /drain")).toEqual({ code: 500, body: { error: "Error: the pool is stuck" } });
  expect(fixture.server.state).toBe("closed");
});

const [outside] = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ family, internal }) => family === "IPv4" && !internal);

test.skipIf(outside === undefined)(
  "draining can be asked for from this machine only, probing from anywhere",
  async () => {
    await using fixture = await startFixture({ kind: "grpc-js", admin: { port: 0, host: "0.0.0.0" } });
    const address = outside?.address ?? "";
    expect(await ask(fixture, "GET /live", address)).toMatchObject({ code: 200 });
    expect(await ask(fixture, "POST /drain", address)).toMatchObject({ code: 403 });
    expect(fixture.server.state).toBe("starting");
  },
);
