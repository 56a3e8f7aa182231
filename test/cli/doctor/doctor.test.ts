// SPDX-License-Identifier: Apache-2.0
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { create, type Message } from "@bufbuild/protobuf";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { contractOf } from "@talaria/runtime";
import { type RunningServer, type ServerEvent, serve, serviceDefinition } from "@talaria/runtime/server";
import { afterAll, describe, expect, test, vi } from "vitest";
import { startFixture } from "../../scenarios/server-fixture.ts";
import { DnsServer } from "../../support/dns-server.ts";
import { startDoctorServer } from "./doctor-server.ts";
import { compileShop, lineOf, openClinic, type Shop, shopName, shopText } from "./shop.ts";

const stack = new DisposableStack();
const clinic = stack.use(openClinic());
afterAll(() => stack.dispose());

const shop = compileShop();
const serving = { "": "SERVING", [shopName]: "SERVING" } as const;

describe("talaria doctor, of a server that is as its contract says", () => {
  test("shows every step, calls no method of the service, and exits with 0", async () => {
    await using server = await startDoctorServer(shop, {
      health: serving,
      reflection: { version: "v1", shop, oneByOne: true },
    });
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(result.stdout.split("\n")[0]).toBe(`${server.address}  shop.v1.Orders  shop.proto`);
    expect(lineOf(result, "resolve")).toBe(`✓ 1 address: ${server.address}`);
    expect(lineOf(result, "tcp", server.address)).toBe("✓ connected from 127.0.0.1");
    expect(lineOf(result, "tls")).toBe("- no TLS: plaintext");
    expect(lineOf(result, "http2")).toMatch(/^✓ .*window \d+ B, frames of 16384 B$/);
    expect(lineOf(result, "health")).toBe("✓ shop.v1.Orders SERVING, the server as a whole SERVING");
    expect(lineOf(result, "contract")).toBe(
      "✓ shop.v1.Orders is what the .proto says: 2 methods, their messages and options",
    );
    expect(lineOf(result, "keepalive")).toMatch(/^✓ a ping is answered in [0-9.]+ ms$/);
    expect(result.stdout).toContain(
      "the client pings every 5 min while a call is open, and waits 20 s for the answer\n",
    );
    expect(result.stdout).toMatch(/\n\nnothing is wrong, in \d+/);
    expect(new Set(server.calls)).toEqual(
      new Set(["/grpc.health.v1.Health/Check", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"]),
    );
  });

  test.runIf(process.platform === "linux")("reads the counters of its own connections", async () => {
    await using server = await startDoctorServer(shop, { host: "::1" });
    const result = await clinic.doctor(["--plaintext", server.address]);
    expect(lineOf(result, "socket", server.address)).toBe("✓ 0 B unacknowledged, 0 retransmits");
  });

  test("writes the same as JSON", async () => {
    await using server = await startDoctorServer(shop, { health: serving, reflection: { version: "v1", shop } });
    const { stdout, code } = await clinic.doctor(["--format", "json", ...clinic.image(shop), server.address]);
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report).toMatchObject({ target: server.address, service: shopName, verdict: "ok" });
    const steps = process.platform === "linux" ? ["keepalive", "socket"] : ["keepalive"];
    expect(report.checks.map(({ step }: { step: string }) => step)).toEqual([
      ...["resolve", "tcp", "tls", "http2", "health", "contract"],
      ...steps,
    ]);
    for (const { address, verdict, message, details, data } of report.checks.slice(1)) {
      expect([address, typeof verdict, typeof message, Array.isArray(details), typeof data]).toEqual([
        ...[server.address, "string", "string", true, "object"],
      ]);
    }
    expect(report.checks[4].data).toEqual({
      statuses: [
        { service: shopName, status: "SERVING" },
        { service: "", status: "SERVING" },
      ],
    });
    expect(report.checks[5].data).toMatchObject({ reflection: "v1", differences: [] });
  });

  test("needs no contract", async () => {
    await using server = await startDoctorServer(shop, { health: serving, reflection: { version: "v1", shop } });
    const result = await clinic.doctor(["--plaintext", `ipv4:${server.address}`]);
    expect(result.code).toBe(0);
    expect(lineOf(result, "contract")).toBe("✓ the server has shop.v1.Orders; pass --service and --proto to compare");
    expect(lineOf(result, "health")).toBe("✓ the server as a whole SERVING");
  });

  test("colours on a terminal only, and lets no server steer it", async () => {
    await using server = await startDoctorServer(shop, {
      reflection: { version: "v1", shop, lists: ["a\u001b[31mb\u0007c"] },
    });
    const args = ["--plaintext", server.address];
    expect((await clinic.doctor(args)).stdout).not.toContain("\u001b");
    const { stdout } = await clinic.doctor(args, { outputIsTerminal: true });
    expect(stdout).toContain("\u001b[32m✓\u001b[39m");
    expect(stdout).toContain("the server has a [31mb c;");
    const details = await clinic.doctor([...clinic.image(shop), server.address], { outputIsTerminal: true });
    expect(details.stdout).toContain("the server has a [31mb c\u001b[22m\n");
  });
});

describe("talaria doctor, of names", () => {
  test("shows DNS server, aliases, time to live and each address, of which one refuses", async () => {
    await using dns = await DnsServer.start();
    await using server = await startDoctorServer(shop, { health: serving });
    dns.set("shop.test", [{ name: "shop.test", type: "CNAME", ttl: 300, data: "lb.test" }]);
    dns.setAddresses("lb.test", ["127.0.0.1", "127.0.0.2"], 120);
    const target = `dns://${dns.address}/shop.test:${server.port}`;
    const result = await clinic.doctor([...clinic.image(shop), target]);
    expect(result.code).toBe(1);
    expect(lineOf(result, "resolve")).toBe(`✓ 2 addresses: 127.0.0.1:${server.port}, 127.0.0.2:${server.port}`);
    expect(result.stdout).toContain(
      `shop.test -> lb.test from DNS server ${dns.address}, TTL 2 min (a client asks again after 30 s, by name_resolution)\n`,
    );
    expect(lineOf(result, "health", `127.0.0.1:${server.port}`)).toMatch(/^✓ shop\.v1\.Orders SERVING/);
    expect(lineOf(result, "tcp", `127.0.0.2:${server.port}`)).toBe(
      "✗ connection refused: nothing listens on this port (ECONNREFUSED)",
    );
    expect(result.stdout).toMatch(/\n1 problem, in /);
    expect(dns.asked("shop.test")).toBe(1);
  });

  test("asks each of many addresses, in order", async () => {
    await using dns = await DnsServer.start();
    const addresses = Array.from({ length: 40 }, (_, index) => `127.0.1.${index + 1}`);
    dns.setAddresses("many.test", addresses, 5);
    const { code, stdout } = await clinic.doctor(["--format", "json", `dns://${dns.address}/many.test:1`]);
    const { checks } = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(checks.slice(1).map(({ address }: { address: string }) => address)).toEqual(
      checks[0].data.addresses.map(String),
    );
    expect(new Set(checks[0].data.addresses)).toEqual(new Set(addresses.map((address) => `${address}:1`)));
  });

  test("shows SRV records", async () => {
    await using dns = await DnsServer.start();
    await using server = await startDoctorServer(shop);
    const name = "_grpc._tcp.shop.test";
    const data = { priority: 1, weight: 5, port: server.port, target: "a.test" };
    dns.set(name, [{ name, type: "SRV", ttl: 10, data }]);
    dns.setAddresses("a.test", ["127.0.0.1"], 10);
    const result = await clinic.doctor(["--plaintext", `srv://${dns.address}/${name}`]);
    expect(lineOf(result, "resolve")).toBe(`✓ 1 address: ${server.address}`);
    expect(result.stdout).toContain(`SRV 1 5 ${server.port} a.test\n`);
  });

  test("says that a name does not exist, and connects nowhere", async () => {
    await using dns = await DnsServer.start();
    const result = await clinic.doctor([`dns://${dns.address}/gone.test:443`]);
    expect(result.code).toBe(1);
    expect(lineOf(result, "resolve")).toBe(
      `✗ cannot find the addresses of gone.test, asked of ${dns.address}: the name does not exist (NXDOMAIN)`,
    );
    expect(result.stdout).not.toContain("tcp");
  });

  test("waits for a mute DNS server no longer than it may", async () => {
    await using dns = await DnsServer.start();
    dns.mode = "silent";
    const result = await clinic.doctor(["--timeout-ms", "200", `dns://${dns.address}/shop.test:443`]);
    expect(result.code).toBe(1);
    expect(lineOf(result, "resolve")).toMatch(/^✗ no answer within \d+ ms$/);
  });
});

describe("talaria doctor, of a server of serve() that reflects itself", () => {
  test.each([
    ["as the .proto says", shop, "✓ shop.v1.Orders is what the .proto says: 2 methods, their messages and options"],
    [
      "of another contract",
      compileShop(shopText().replace("800", "900")),
      "! shop.v1.Orders is not what the .proto says, in 2 points",
    ],
  ])("finds it %s", async (_, { service }, line) => {
    await using server = await serve({
      contracts: [contractOf(service)],
      services: (grpc) => grpc.addService(serviceDefinition(service), {}),
      reflection: true,
      host: "127.0.0.1",
      port: 0,
      signals: false,
    });
    const result = await clinic.doctor([...clinic.image(shop), `127.0.0.1:${await server.ready()}`]);
    expect(result.code).toBe(0);
    expect(lineOf(result, "contract")).toBe(line);
    for (const method of ["Get", "Watch"]) {
      const difference = `${method}: response_timeout_millis is 800 ms here, 900 ms on the server\n`;
      expect(result.stdout.includes(difference)).toBe(line.startsWith("!"));
    }
  });
});

describe("talaria doctor, of servers that are not well", () => {
  test("shows NOT_SERVING, and a name that the health service does not know", async () => {
    await using server = await startDoctorServer(shop, { health: { "": "NOT_SERVING" } });
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect(result.code).toBe(1);
    expect(lineOf(result, "health")).toBe(
      "✗ shop.v1.Orders NOT_FOUND: never heard of it, the server as a whole NOT_SERVING",
    );
  });

  test("does not mind a server without health service, unless the contract watches it", async () => {
    await using server = await startDoctorServer(shop);
    const plain = await clinic.doctor([...clinic.image(shop), server.address]);
    expect(lineOf(plain, "health")).toBe("- UNIMPLEMENTED: the server has no grpc.health.v1");
    expect(plain.code).toBe(0);
    const watching = compileShop(
      shopText('transport_security { mode: PLAINTEXT } health_check { service_name: "orders" }'),
    );
    const watched = await clinic.doctor([...clinic.image(watching), server.address]);
    expect(lineOf(watched, "health")).toMatch(/^! UNIMPLEMENTED: .*; the contract watches it/);
  });

  test("says plainly that there is no reflection", async () => {
    await using server = await startDoctorServer(shop);
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect(lineOf(result, "contract")).toBe(
      "- the server offers no reflection, so what it serves is not known: methods are never called to find out",
    );
    expect(result.stdout).toMatch(/\n\nnothing is wrong, but the contract was not compared, in \d+/);
  });

  test("lists in what the server's service differs, asked in the older protocol", async () => {
    const newer = compileShop(
      shopText("transport_security { mode: PLAINTEXT }")
        .replace("int32 amount", "string amount")
        .replace("800", "900")
        .replace("rpc Watch(Order) returns (stream Order);", "rpc Put(Order) returns (Order);"),
    );
    await using server = await startDoctorServer(shop, { reflection: { version: "v1alpha", shop: newer } });
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect(result.code).toBe(1);
    expect(lineOf(result, "contract")).toMatch(/^✗ shop\.v1\.Orders is not what the \.proto says, in \d points$/);
    for (const line of [
      "Get: shop.v1.Order.amount = 2 is int32 here, string on the server",
      "Watch: the server does not have this method; calls fail with UNIMPLEMENTED",
      "Put: the server has this method, the .proto does not",
      "Get: response_timeout_millis is 800 ms here, 900 ms on the server",
    ]) {
      expect(result.stdout).toContain(`${line}\n`);
    }
  });

  test("says that the server is another one", async () => {
    await using server = await startDoctorServer(shop, {
      reflection: { version: "v1", shop, lists: ["mail.v1.Post"] },
    });
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect([result.code, lineOf(result, "contract")]).toEqual([1, "✗ the server does not have shop.v1.Orders"]);
    expect(result.stdout).toContain("the server has mail.v1.Post\n");
  });

  test("says that a descriptor is incomplete", async () => {
    const lacking: Shop = {
      ...shop,
      descriptors: { ...shop.descriptors, file: shop.descriptors.file.filter(({ name }) => name === "shop.proto") },
    };
    await using server = await startDoctorServer(shop, { reflection: { version: "v1", shop: lacking } });
    const result = await clinic.doctor([...clinic.image(shop), server.address]);
    expect([result.code, lineOf(result, "contract")]).toEqual([
      0,
      "! reflection does not tell: asked for service_client_config.proto, the server answered: " +
        "service_client_config.proto is not here",
    ]);
  });

  test("leaves a server that accepts and stays mute within the connect timeout", async () => {
    await using mute = await startTcp(() => {});
    const impatient = compileShop(
      shopText("transport_security { mode: PLAINTEXT } connection { connect_timeout_millis: 150 }"),
    );
    const plain = await clinic.doctor([...clinic.image(impatient), mute.address]);
    expect(plain.code).toBe(1);
    expect(lineOf(plain, "http2")).toMatch(
      /^✗ no HTTP\/2 settings: the server accepts the connection and stays mute \(\d+ ms\)$/,
    );
    const secure = await clinic.doctor(["--timeout-ms", "150", mute.address]);
    expect(lineOf(secure, "tls")).toMatch(/^✗ no TLS handshake: the server accepts TCP and stays mute \(\d+ ms\)$/);
    await vi.waitFor(() => expect(mute.open()).toBe(0));
  });

  test("says that something else than gRPC answers", async () => {
    await using http1 = await startTcp((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const other = await clinic.doctor(["--plaintext", http1.address]);
    expect(lineOf(other, "http2")).toMatch(/^✗ /);
    expect(other.stdout).toContain("A server that wants TLS, or HTTP/1.1, looks like this, too");
    await using reset = await startTcp((socket) => socket.resetAndDestroy());
    for (const options of [["--plaintext"], []]) {
      const { code, stdout } = await clinic.doctor([...options, reset.address]);
      expect([code, stdout]).toEqual([1, expect.stringMatching(/✗ (?:tcp|tls|http2) .*(?:ECONNRESET|closed)/)]);
    }
    await using http2 = await startHttp2((_, response) => {
      response.writeHead(503, { "content-type": "text/html" });
      response.end("no");
    });
    const result = await clinic.doctor(["--plaintext", http2.address]);
    expect([result.code, lineOf(result, "health")]).toEqual([
      1,
      "✗ HTTP 503 with content-type text/html answers: that is no gRPC server",
    ]);
  });
});

describe("talaria doctor, of a server of connect-node", () => {
  test("asks for its health", async () => {
    await using fixture = await startFixture({ kind: "connect-node" });
    await fixture.ready();
    const address = `127.0.0.1:${fixture.port()}`;
    const result = await clinic.doctor(["--plaintext", "--service", "echo.v1.Echo", address]);
    expect([result.code, lineOf(result, "health"), lineOf(result, "contract")]).toEqual([
      0,
      "✓ echo.v1.Echo SERVING, the server as a whole SERVING",
      expect.stringMatching(/^- the server offers no reflection/),
    ]);
    expect(fixture.served).toBe(0);
  });

  test("does not take a service that it does not have for a broken server", async () => {
    await using server = await startHttp2(connectNodeAdapter({ routes: () => {} }));
    const result = await clinic.doctor(["--plaintext", server.address]);
    expect([result.code, lineOf(result, "health")]).toEqual([
      0,
      "! HTTP 404: the server has no grpc.health.v1, or knows no gRPC at all",
    ]);
  });
});

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

interface TcpServer extends AsyncDisposable {
  readonly address: string;
  /** How many connections are open. */
  readonly open: () => number;
}

async function startTcp(onSocket: (socket: Socket) => void): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.resume();
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
    },
  };
}

async function startHttp2(
  handler: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createHttp2Server(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** Serves a shop under its contract, pings enforced. */
async function serveShop(
  served: Shop,
  host = "127.0.0.1",
): Promise<
  AsyncDisposable & { address: string; events: ServerEvent["kind"][]; served: () => number; server: RunningServer }
> {
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
    server,
    served: () => calls,
    [Symbol.asyncDispose]: async () => {
      await server.close();
    },
  };
}
