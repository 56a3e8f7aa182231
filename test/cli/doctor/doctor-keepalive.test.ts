// SPDX-License-Identifier: Apache-2.0
import { connect } from "node:net";
import { create, type Message } from "@bufbuild/protobuf";
import { contractOf } from "@talaria/runtime";
import { type ServerEvent, serve, serviceDefinition } from "@talaria/runtime/server";
import { afterAll, describe, expect, test } from "vitest";
import { startDoctorServer } from "./doctor-server.ts";
import { startHttp2, startTcp } from "./raw-servers.ts";
import { compileShop, lineOf, openClinic, type Shop, shopText } from "./shop.ts";

const stack = new DisposableStack();
const clinic = stack.use(openClinic());
afterAll(() => stack.dispose());

const shop = compileShop();

describe("talaria doctor --keepalive-probe", () => {
  const keepalive = (times: string): string => `transport_security { mode: PLAINTEXT } keepalive { ${times} }`;
  const often = compileShop(shopText(keepalive("time_millis: 100 timeout_millis: 1000 server_min_time_millis: 100")));
  const seldom = compileShop(shopText(keepalive("time_millis: 60000 server_min_time_millis: 60000")));

  test("meets a server that does not permit what the contract says", async () => {
    await using server = await serveShop(seldom);
    const result = await clinic.doctor([...clinic.image(often), "--keepalive-probe", "5", server.address]);
    expect(result.code).toBe(1);
    expect(lineOf(result, "keepalive")).toMatch(
      /^✗ a ping is answered in [0-9.]+ ms; the server turned the client away after \d pings every 100 ms: ENHANCE_YOUR_CALM too_many_pings$/,
    );
    expect(server.events).toContain("too_many_pings");
    expect(server.served()).toBe(0);
  });

  test("meets a server that does", async () => {
    await using server = await serveShop(often);
    const result = await clinic.doctor([...clinic.image(often), "--keepalive-probe", "1", server.address]);
    expect(result.code).toBe(0);
    expect(lineOf(result, "keepalive")).toMatch(/; \d+ pings every 100 ms are permitted$/);
    expect(server.events).toEqual(["serving"]);
  });

  test("says when the time is too short to tell", async () => {
    await using server = await serveShop(seldom);
    const result = await clinic.doctor([...clinic.image(seldom), "--keepalive-probe", "1", server.address]);
    expect(lineOf(result, "keepalive")).toMatch(
      /^! .*; only 0 pings every 1 min in that time: a server turns away at the 4th, so probe for 5 min$/,
    );
  });

  test("meets a connection that is lost meanwhile", async () => {
    await using server = await serveShop(often);
    await using gateway = await startTcp((socket) => {
      const port = Number(server.address.split(":")[1]);
      const upstream = connect(port, "127.0.0.1").on("error", () => {});
      socket.pipe(upstream).pipe(socket);
      setTimeout(() => socket.resetAndDestroy(), 800);
    });
    const result = await clinic.doctor([...clinic.image(often), "--keepalive-probe", "20", gateway.address]);
    expect(lineOf(result, "keepalive")).toMatch(
      /^! .*; the connection was lost during the probe, after \d+ pings? every/,
    );
  });

  test.runIf(process.platform === "linux")("probes every server as long, however many there are", async () => {
    await using server = await serveShop(often, "0.0.0.0");
    const port = server.address.split(":")[1];
    const addresses = Array.from({ length: 33 }, (_, index) => `127.0.0.${index + 1}:${port}`);
    const target = `static:///${addresses.join(",")}`;
    const options = [...clinic.image(often), "--timeout-ms", "1900", "--keepalive-probe", "2"];
    const { stdout } = await clinic.doctor([...options, "--format", "json", target]);
    const checks: { step: string; message: string }[] = JSON.parse(stdout).checks;
    const messages = checks.filter(({ step }) => step === "keepalive").map(({ message }) => message);
    expect(messages).toHaveLength(addresses.length);
    expect(messages.filter((message) => !/ are permitted$/.test(message))).toEqual([]);
  });

  test("takes its time, in a form that gRPC has", async () => {
    const timeouts = new Set<unknown>();
    await using server = await startHttp2(({ headers }, response) => {
      timeouts.add(headers["grpc-timeout"]);
      response.writeHead(404).end();
    });
    const longest = ["--timeout-ms", "2147483647", "--keepalive-probe", "1"];
    const { code } = await clinic.doctor([...clinic.image(often), ...longest, server.address]);
    expect([code, ...timeouts]).toEqual([0, "99999999m"]);
  });

  test("does not probe where no call can be held open", async () => {
    await using server = await startDoctorServer(shop);
    const result = await clinic.doctor([...clinic.image(often), "--keepalive-probe", "1", server.address]);
    expect(lineOf(result, "keepalive")).toMatch(/^! .*; the server has no health watch to hold a call open with/);
  });
});

/** Serves a shop under its contract, pings enforced. */
async function serveShop(
  served: Shop,
  host = "127.0.0.1",
): Promise<AsyncDisposable & { address: string; events: ServerEvent["kind"][]; served: () => number }> {
  const events: ServerEvent["kind"][] = [];
  let calls = 0;
  const get = (_: unknown, reply: (error: null, answer: Message) => void): void => {
    calls += 1;
    reply(null, create(served.service.methods[0]?.output as never));
  };
  const server = await serve({
    contracts: [contractOf(served.service)],
    host,
    port: 0,
    signals: false,
    onEvent: ({ kind }) => events.push(kind),
    services: (grpc) => grpc.addService(serviceDefinition(served.service), { get } as never),
  });
  const port = await server.ready();
  return {
    address: `127.0.0.1:${port}`,
    events,
    served: () => calls,
    [Symbol.asyncDispose]: async () => {
      await server.close();
    },
  };
}
