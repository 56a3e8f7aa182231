// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DescService } from "@bufbuild/protobuf";
import { Code, type ConnectError } from "@connectrpc/connect";
import {
  type ClientOptions,
  channelState,
  connect,
  contractOf,
  createServiceClient,
  endpoints,
} from "@talaria/runtime";
import { afterEach, describe, expect, test } from "vitest";
import { type CertifiedKey, createTestAuthority, type TestAuthority } from "../support/certificates.ts";
import { compileService } from "../support/compile.ts";
import { startGrpcServer, type TestServer } from "../support/grpc-server.ts";
import { type EchoClient, failureOf, text } from "./echo.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

function serviceWith(options: string): DescService {
  return compileService(
    `syntax = "proto3"; package echo.v1; import "service_client_config.proto";
    message Text { string text = 1; }
    service Echo {
      option (service_client.client_config) = {
        response_timeout_millis: 3000 retry { max_attempts: 3 initial_backoff_millis: 10 } ${options}
      };
      rpc Unary(Text) returns (Text) { option idempotency_level = IDEMPOTENT; }
    }`,
    "echo.v1.Echo",
  );
}

function open(service: DescService, options: ClientOptions): EchoClient {
  const client = createServiceClient(contractOf(service), options) as unknown as EchoClient;
  closing.push(() => client[Symbol.asyncDispose]());
  return client;
}

/** A server that answers each call with a name, and counts them. */
async function serve(service: DescService, tls?: CertifiedKey, port?: number): Promise<TestServer & { calls: number }> {
  const server = await startGrpcServer(
    service,
    {
      unary: (call: { request: { text: string } }, reply: (error: null, message: unknown) => void) => {
        counted.calls++;
        reply(null, text(service, call.request.text));
      },
    } as never,
    { ...(tls && { tls }), ...(port && { port }) },
  );
  const counted = Object.assign(server, { calls: 0 });
  closing.push(() => server.close());
  return counted;
}

describe("identity", () => {
  let authority: TestAuthority;

  async function certified(...names: [type: "dns" | "url", value: string][]): Promise<CertifiedKey> {
    authority ??= await createTestAuthority();
    return authority.issue(names.map(([type, value]) => ({ type, value })));
  }

  test.each([
    ["the name in the target", "", ["dns", "localhost"]],
    ["a declared DNS name", 'server_identity: "orders.shop.internal"', ["dns", "orders.shop.internal"]],
    [
      "one of several",
      'server_identity: ["payments.shop.internal", "orders.shop.internal"]',
      ["dns", "orders.shop.internal"],
    ],
    [
      "a SPIFFE id with its shard",
      'server_identity: "spiffe://shop/orders/{shard}"',
      ["url", "spiffe://shop/orders/7"],
    ],
  ] as const)("is accepted: %s", async (_, option, name) => {
    const service = serviceWith(`transport_security { mode: TLS ${option} }`);
    const server = await serve(service, await certified([...name]));
    const client = open(service, { target: server.target, tls: { ca: authority.ca }, identity: { shard: "7" } });
    expect((await client.unary({ text: "hi" })).text).toBe("hi");
  });

  test.each([
    ["the name in the target", "", ["dns", "payments.shop.internal"]],
    ["a DNS name", 'server_identity: "orders.shop.internal"', ["dns", "payments.shop.internal"]],
    ["another shard", 'server_identity: "spiffe://shop/orders/{shard}"', ["url", "spiffe://shop/orders/8"]],
  ] as const)("is refused, without another attempt and without a byte of the call: %s", async (_, option, name) => {
    const service = serviceWith(`transport_security { mode: TLS ${option} }`);
    const server = await serve(service, await certified([...name]));
    const client = open(service, { target: server.target, tls: { ca: authority.ca }, identity: { shard: "7" } });
    const error = await failureOf(client.unary({ text: "secret" }));
    expect(error).toMatchObject({ reason: "identity_mismatch", code: Code.Unavailable });
    expect((error as { attempts: unknown[] }).attempts).toHaveLength(1);
    expect(String(error)).toContain(name[1]);
    expect(server.calls).toBe(0);
  });

  test("of an unknown authority, or expired, is refused", async () => {
    const service = serviceWith("transport_security { mode: TLS }");
    const good = await certified(["dns", "localhost"]);
    const past = { notBefore: new Date(Date.now() - 7_200_000), notAfter: new Date(Date.now() - 3_600_000) };
    const expired = await authority.issue([{ type: "dns", value: "localhost" }], past);
    const stranger = await createTestAuthority("a stranger");
    for (const [tls, ca, why] of [
      [good, stranger.ca, /unable to|self.signed|issuer/],
      [expired, authority.ca, /expired/],
    ] as const) {
      const server = await serve(service, tls);
      const error = await failureOf(open(service, { target: server.target, tls: { ca } }).unary({ text: "" }));
      expect(error).toMatchObject({ reason: "tls_failure", code: Code.Unavailable });
      expect(String(error)).toMatch(why);
      expect(server.calls).toBe(0);
    }
  });

  test("of an unknown authority: the error says how to make it known", async () => {
    const service = serviceWith("transport_security { mode: TLS }");
    const server = await serve(service, await certified(["dns", "localhost"]));
    const stranger = await createTestAuthority("a stranger");
    for (const [tls, remedy] of [
      [{}, /TLS handshake failed: .*does not know who signed .*: open it with .*tls: \{ ca \}$/],
      [{ ca: stranger.ca }, /TLS handshake failed: .*; none of the authorities in tls\.ca, .*, signed the server's /],
    ] as const) {
      const error = await failureOf(open(service, { target: server.target, tls }).unary({ text: "" }));
      expect(error).toMatchObject({ reason: "tls_failure" });
      expect(String(error)).toMatch(remedy);
    }
    const client = open(service, { target: server.target, tls: { ca: authority.ca } });
    expect((await client.unary({ text: "known" })).text).toBe("known");
  });

  test("of a server that has no TLS, or of one that has while the contract has none: the error says which to set", async () => {
    const inTls = serviceWith("transport_security { mode: TLS }");
    const plaintext = await serve(inTls);
    const noTls = (await failureOf(open(inTls, { target: plaintext.target }).unary({ text: "" }))) as ConnectError;
    expect(noTls).toMatchObject({
      reason: "tls_failure",
      rawMessage:
        "TLS handshake failed: the other end speaks plaintext, and no TLS: " +
        "set transport_security.mode PLAINTEXT in the contract, or serve TLS there",
    });
    const inPlaintext = serviceWith("transport_security { mode: PLAINTEXT }");
    const secure = await serve(inPlaintext, await certified(["dns", "localhost"]));
    const client = open(inPlaintext, { target: secure.target });
    const why = "if it speaks TLS, set transport_security.mode TLS in the contract";
    expect(String(await failureOf(client.unary({ text: "" })))).toContain(why);
    expect(String(await failureOf(connect(client, { timeoutMs: 100 })))).toContain(why);
  });

  test("with a placeholder needs a value when the client is opened", async () => {
    const service = serviceWith('transport_security { mode: TLS server_identity: "spiffe://shop/orders/{shard}" }');
    const target = "dns:///localhost:1";
    expect(() => open(service, { target })).toThrow(/placeholder \{shard\} that has no value/);
    expect(() => open(service, { target, identity: { shard: "7/../8" } })).toThrow(/cannot be/);
  });

  test("of a recycled address: the wrong server answers no call", async () => {
    const service = serviceWith('transport_security { mode: TLS server_identity: "spiffe://shop/orders/1" }');
    const first = await serve(service, await certified(["url", "spiffe://shop/orders/1"]));
    const client = open(service, { target: first.target, tls: { ca: authority.ca } });
    expect((await client.unary({ text: "one" })).text).toBe("one");
    await first.close();
    const second = await serve(service, await certified(["url", "spiffe://shop/orders/2"]), first.port);
    const error = await failureOf(client.unary({ text: "two" }));
    expect(String(error)).toMatch(
      /wanted spiffe:\/\/shop\/orders\/1, the certificate says spiffe:\/\/shop\/orders\/2|ECONNREFUSED/,
    );
    await expect
      .poll(
        () => failureOf(client.unary({ text: "three" })).then((failure) => (failure as { reason: string }).reason),
        {
          timeout: 10_000,
        },
      )
      .toBe("identity_mismatch");
    expect(second.calls).toBe(0);
  });

  test("follows certificates on disk, for new connections, and keeps the last good ones", async () => {
    const service = serviceWith("transport_security { mode: TLS }");
    const folder = mkdtempSync(join(tmpdir(), "talaria-tls-"));
    closing.push(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "ca.pem");
    const tls = await certified(["dns", "localhost"]);
    const stranger = await createTestAuthority("a stranger");
    writeFileSync(file, stranger.ca);
    const server = await serve(service, tls);
    const client = open(service, { target: server.target, tls: { ca: { file } } });
    expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ reason: "tls_failure" });
    writeFileSync(file, authority.ca);
    const answer = (): Promise<string> => client.unary({ text: "now" }).then(({ text }) => text, String);
    await expect.poll(answer, { timeout: 10_000 }).toBe("now");
    rmSync(file);
    expect(await answer()).toBe("now");
  });
});

describe("a connection that is lost during the TLS handshake", () => {
  test("is like any other that is lost: the call is tried again", async () => {
    const authority = await createTestAuthority();
    const service = serviceWith("transport_security { mode: TLS }");
    const server = await serve(service, await authority.issue([{ type: "dns", value: "localhost" }]));
    let connections = 0;
    const { connect: connectTcp } = await import("node:net");
    const proxy = createTcpServer((socket) => {
      connections++;
      if (connections === 1) {
        socket.on("error", () => undefined).resetAndDestroy();
        return;
      }
      const upstream = connectTcp(server.port, "127.0.0.1");
      socket.pipe(upstream).pipe(socket);
      closing.push(() => {
        socket.destroy();
        upstream.destroy();
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    closing.push(() => proxy.close());
    const { port } = proxy.address() as { port: number };
    const client = open(service, { target: `dns:///localhost:${port}`, tls: { ca: authority.ca } });
    const first = await client.unary({ text: "hi" }).then(
      ({ text }) => text,
      (error) => error.reason,
    );
    expect(["hi", "connection_lost"]).toContain(first);
    const answer = (): Promise<string> => client.unary({ text: "again" }).then(({ text }) => text, String);
    await expect.poll(answer, { timeout: 10_000 }).toBe("again");
  });
});

describe("mutual TLS", () => {
  test("needs a certificate when the client is opened", () => {
    const service = serviceWith("transport_security { mode: MUTUAL_TLS }");
    expect(() => open(service, { target: "dns:///localhost:1" })).toThrow(/tls\.cert and tls\.key must both be given/);
  });
});

describe("the connect timeout", () => {
  test("ends with a server that accepts and stays mute", async () => {
    const service = serviceWith("transport_security { mode: PLAINTEXT } connection { connect_timeout_millis: 300 }");
    const sockets: Socket[] = [];
    const mute = createTcpServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    closing.push(() => {
      for (const socket of sockets) {
        socket.destroy();
      }
      mute.close();
    });
    const { port } = mute.address() as { port: number };
    const client = open(service, { target: `dns:///127.0.0.1:${port}` });
    const startedAtMs = performance.now();
    const error = await failureOf(client.unary({ text: "" }));
    expect(error).toMatchObject({ reason: "connection_lost", code: Code.Unavailable });
    expect(String(error)).toContain("no HTTP/2 connection within the connect timeout of 300 ms");
    expect(performance.now() - startedAtMs).toBeLessThan(2500);
  });

  test("leaves a connection alone that is in use", async () => {
    const service = serviceWith("transport_security { mode: PLAINTEXT } connection { connect_timeout_millis: 200 }");
    const server = await serve(service);
    const client = open(service, { target: server.target });
    for (let i = 0; i < 5; i++) {
      await client.unary({ text: "" });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(server.calls).toBe(5);
  });
});

describe("the suspicion ping", () => {
  test("leaves a connection that went silent, under traffic, long before keepalive would", async () => {
    const service = compileService(
      `syntax = "proto3"; package echo.v1; import "service_client_config.proto";
      message Text { string text = 1; }
      service Echo {
        option (service_client.client_config) = { response_timeout_millis: 200 transport_security { mode: PLAINTEXT } };
        rpc Unary(Text) returns (Text);
        rpc Patient(Text) returns (Text) { option (service_client.method_config).response_timeout_millis = 60000; }
      }`,
      "echo.v1.Echo",
    );
    const server = await serve(service);
    const proxy = await startProxy(server.port);
    const client = open(service, { target: `dns:///127.0.0.1:${proxy.port}` });
    expect((await client.unary({ text: "before" })).text).toBe("before");
    proxy.silence();
    const silentSinceMs = performance.now();
    const patient = failureOf((client as unknown as { patient: EchoClient["unary"] }).patient({ text: "in flight" }));
    let failures = 0;
    for (;;) {
      const answer = await client.unary({ text: "after" }).catch(() => undefined);
      if (answer !== undefined) {
        break;
      }
      failures++;
      expect(performance.now() - silentSinceMs).toBeLessThan(8000);
    }
    // Three calls of 200 ms, the next call to ping on, 2 s for an answer, and the reconnection.
    expect(performance.now() - silentSinceMs).toBeLessThan(5000);
    expect(failures).toBeGreaterThanOrEqual(3);
    expect(await patient).toMatchObject({
      code: Code.Unavailable,
      reason: "connection_lost",
      message: expect.stringContaining("the server did not answer a ping within 2 s while calls ran out of time"),
    });
    expect(proxy.connections).toBe(2);
  });
});

/** A TCP proxy whose connections can be made silent, both ways; new ones work. */
async function startProxy(port: number): Promise<{ port: number; connections: number; silence(): void }> {
  const pairs: [Socket, Socket][] = [];
  const { connect } = await import("node:net");
  const proxy = createTcpServer((socket) => {
    const upstream = connect(port, "127.0.0.1");
    socket.pipe(upstream).pipe(socket);
    for (const end of [socket, upstream]) {
      end.on("error", () => undefined);
    }
    pairs.push([socket, upstream]);
    state.connections++;
  });
  const state = {
    port: 0,
    connections: 0,
    silence() {
      for (const [socket, upstream] of pairs) {
        socket.unpipe(upstream).resume();
        upstream.unpipe(socket).resume();
      }
    },
  };
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  state.port = (proxy.address() as { port: number }).port;
  closing.push(() => {
    for (const end of pairs.flat()) {
      end.destroy();
    }
    proxy.close();
  });
  return state;
}

describe("introspection", () => {
  test("connect() makes every connection before the first call, and endpoints() shows them", async () => {
    const service = serviceWith("transport_security { mode: PLAINTEXT }");
    const servers = [await serve(service), await serve(service)];
    const target = `static:///${servers.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
    const client = open(service, { target });
    expect(channelState(client)).toBe("IDLE");
    await connect(client, { timeoutMs: 5000 });
    expect(channelState(client)).toBe("READY");
    expect(endpoints(client).map(({ address, state }) => `${address} ${state}`)).toEqual(
      servers.map(({ port }) => `127.0.0.1:${port} READY`),
    );
    for (let i = 0; i < 10; i++) {
      await client.unary({ text: "" });
    }
    expect(servers.map(({ calls }) => calls)).toEqual([5, 5]);
  });

  test.each(["dns:///127.0.0.1:9", "dns:///name.invalid:9"])(
    "connect() to %s ends when its client is closed",
    async (target) => {
      const client = open(serviceWith("transport_security { mode: PLAINTEXT }"), { target });
      const connecting = connect(client, { timeoutMs: 60_000 });
      const refused = expect(connecting).rejects.toThrow(/the client was closed/);
      await client[Symbol.asyncDispose]();
      await refused;
      await expect(connect(client)).rejects.toThrow(/the client was closed/);
    },
  );

  test("connect() says why it cannot", async () => {
    const service = serviceWith("transport_security { mode: PLAINTEXT }");
    const client = open(service, { target: "dns:///127.0.0.1:9" });
    await expect(connect(client, { timeoutMs: 2000 })).rejects.toThrow(/127\.0\.0\.1:9/);
    expect(() => channelState({})).toThrow(/no client/);
  });
});
