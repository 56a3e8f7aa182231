// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { Code } from "@connectrpc/connect";
import { connect, contractOf, createServiceClient } from "@talaria/runtime";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Connections } from "../../runtime/src/grpc-js/connections.ts";
import { echoService } from "./echo.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

/** A port on which connections are never made, nor refused: its server is stopped, and its queue is full. */
async function openStuckPort(): Promise<number> {
  const program = `const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));`;
  const child: ChildProcess = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  closing.push(() => child.kill("SIGKILL"));
  const [line] = await once(child.stdout as NodeJS.ReadableStream, "data");
  const port = Number(String(line));
  child.kill("SIGSTOP");
  for (;;) {
    const socket = connectTcp(port, "127.0.0.1");
    closing.push(() => socket.destroy());
    socket.on("error", () => undefined);
    const connected = once(socket, "connect").then(() => true);
    const stuck = new Promise<false>((resolve) => setTimeout(resolve, 300, false));
    if (!(await Promise.race([connected, stuck]))) {
      return port;
    }
  }
}

/** A socket of somebody else, which connects until the end of the test. */
function openForeign(foreign: Set<Socket>): void {
  const socket = connectTcp({ host: "somewhere.test", port: 1, lookup: () => undefined });
  socket.on("error", () => undefined);
  foreign.add(socket);
  closing.push(() => socket.destroy());
}

/** Opens sockets of others now and in the microtasks that follow: each queues two more, so that they stand before and after any. */
function openAtEveryStep(foreign: Set<Socket>, depth = 6): void {
  openForeign(foreign);
  process.nextTick(() => openForeign(foreign));
  if (depth > 0) {
    queueMicrotask(() => openAtEveryStep(foreign, depth - 1));
    queueMicrotask(() => openAtEveryStep(foreign, depth - 1));
  }
}

/** A client that starts to connect when it is told to. */
function prepareClient(port: number, connectTimeoutMs: number): () => Promise<unknown> {
  const service = echoService({ service: `connection { connect_timeout_millis: ${connectTimeoutMs} }` });
  const client = createServiceClient(contractOf(service), { target: `ipv4:127.0.0.1:${port}` });
  closing.push(() => client[Symbol.asyncDispose]());
  return () => connect(client, { timeoutMs: connectTimeoutMs + 300 }).catch(() => undefined);
}

/** Notes the sockets that the process opens, and when each was closed. */
function watchSockets(foreign: ReadonlySet<Socket>): Map<Socket, { closedAtMs?: number }> {
  const seen = new Map<Socket, { closedAtMs?: number }>();
  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    const times: { closedAtMs?: number } = {};
    // Who opened it is known when it has been handed out.
    queueMicrotask(() => !foreign.has(socket) && seen.set(socket, times));
    socket.once("close", () => {
      times.closedAtMs = performance.now();
    });
  };
  subscribe("net.client.socket", onSocket);
  closing.push(() => unsubscribe("net.client.socket", onSocket));
  return seen;
}

describe("the connect timeout of a socket that is still connecting", () => {
  test("ends it, and no socket of others, whenever those are opened", async () => {
    const port = await openStuckPort();
    const foreign = new Set<Socket>();
    const sockets = watchSockets(foreign);
    // Others open theirs at every step that grpc-js takes from when it is ready to connect until it does.
    const expectOwn = Connections.prototype.expect;
    const spy = vi.spyOn(Connections.prototype, "expect").mockImplementation(function (this: Connections) {
      openAtEveryStep(foreign);
      expectOwn.call(this);
    });
    closing.push(() => spy.mockRestore());
    await prepareClient(port, 200)();
    expect(foreign.size).toBeGreaterThan(200);
    expect([...foreign].filter((socket) => socket.destroyed || !socket.connecting)).toEqual([]);
    const own = [...sockets.values()];
    expect(own.length).toBeGreaterThan(0);
    expect(own[0]?.closedAtMs).toBeDefined();
  });

  test("is its own client's, when many clients open at once to one address", async () => {
    const port = await openStuckPort();
    const sockets = watchSockets(new Set());
    const timeoutsMs = Array.from({ length: 12 }, (_, i) => 200 + 400 * (i % 3));
    const start = timeoutsMs.map((timeoutMs) => prepareClient(port, timeoutMs));
    const done = start.map((connectNow) => connectNow());
    await expect.poll(() => sockets.size).toBeGreaterThanOrEqual(timeoutsMs.length);
    const first = [...sockets.values()].slice(0, timeoutsMs.length);
    await Promise.all(done);
    // In the order of their timeouts, however busy the machine is.
    const ended = first.map(({ closedAtMs = 0 }, index) => ({ closedAtMs, timeoutMs: timeoutsMs[index] ?? 0 }));
    const inOrder = ended.toSorted((a, b) => a.closedAtMs - b.closedAtMs).map(({ timeoutMs }) => timeoutMs);
    expect(inOrder).toEqual(timeoutsMs.toSorted((a, b) => a - b));
  });

  test("holds for later attempts to connect as well", async () => {
    const port = await openStuckPort();
    const sockets = watchSockets(new Set());
    const service = echoService({ service: "connection { connect_timeout_millis: 200 }" });
    const client = createServiceClient(contractOf(service), { target: `ipv4:127.0.0.1:${port}` });
    closing.push(() => client[Symbol.asyncDispose]());
    const enough = new AbortController();
    const connecting = connect(client, { timeoutMs: 20_000, signal: enough.signal }).catch(() => undefined);
    const ended = (): number => [...sockets.values()].filter(({ closedAtMs }) => closedAtMs !== undefined).length;
    await expect.poll(ended, { timeout: 15_000 }).toBeGreaterThanOrEqual(2);
    enough.abort();
    await connecting;
  });
});

test.each([-1, Number.NaN, 2 ** 31])("connect() does not wait for %s ms", async (timeoutMs) => {
  await using client = createServiceClient(contractOf(echoService({})), { target: "localhost:1" });
  await expect(connect(client, { timeoutMs })).rejects.toMatchObject({
    code: Code.InvalidArgument,
    rawMessage: expect.stringContaining(`timeoutMs of ${timeoutMs}; write a number of milliseconds`),
  });
});
