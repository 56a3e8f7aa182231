// SPDX-License-Identifier: Apache-2.0
import type { TLSSocket } from "node:tls";
import { Code } from "@connectrpc/connect";
import { contractOf, createServiceClient } from "@talaria/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestAuthority, type TestAuthority } from "../support/certificates.ts";
import { startGrpcServer } from "../support/grpc-server.ts";
import { type EchoClient, echoService, failureOf, text } from "./echo.ts";

// Node.js warns of a name that is an address once per process: no other file may have had it do so.
const warnings: string[] = [];
const onWarning = ({ message }: Error): void => {
  warnings.push(message);
};

let authority: TestAuthority;
beforeEach(async () => {
  process.on("warning", onWarning);
  authority ??= await createTestAuthority();
});
afterEach(() => {
  process.off("warning", onWarning);
  warnings.length = 0;
});

type Name = Parameters<TestAuthority["issue"]>[0][number];

interface Called {
  readonly answer: unknown;
  /** The names that TLS asked the server for. */
  readonly asked: unknown[];
  readonly calls: number;
}

/** Calls a server on loopback that presents these names. */
async function call(names: Name[], targetOf: (port: number) => string, identity = "", host?: string): Promise<Called> {
  const service = echoService({
    service: `response_timeout_millis: 5000 transport_security { mode: TLS ${identity} }`,
  });
  let calls = 0;
  const asked: unknown[] = [];
  const unary = (_: unknown, reply: (error: null, message: unknown) => void): void => {
    calls += 1;
    reply(null, text(service, "hello"));
  };
  const options = { tls: await authority.issue(names), ...(host !== undefined && { host }) };
  const server = await startGrpcServer(service, { unary } as never, options);
  const { http2Servers } = server.server as unknown as { http2Servers: Map<NodeJS.EventEmitter, unknown> };
  for (const listening of http2Servers.keys()) {
    listening.on("secureConnection", ({ servername }: TLSSocket) => asked.push(servername));
  }
  try {
    await using client = createServiceClient(contractOf(service), {
      target: targetOf(server.port),
      tls: { ca: authority.ca },
    }) as unknown as EchoClient;
    const answered = client.unary({ text: "" });
    const answer = await answered.then(
      (message) => message.text,
      () => failureOf(answered),
    );
    // Warnings come a turn later.
    await new Promise(setImmediate);
    return { answer, asked, calls };
  } finally {
    await server.close();
  }
}

const loopback: Name = { type: "ip", value: "127.0.0.1" };

describe("a TLS server whose target is an address", () => {
  test.each<[string, (port: number) => string, Name, string?]>([
    ["bare", (port) => `127.0.0.1:${port}`, loopback],
    ["dns", (port) => `dns:///127.0.0.1:${port}`, loopback],
    ["static", (port) => `static:///127.0.0.1:${port},127.0.0.1:${port}`, loopback],
    ["ipv4", (port) => `ipv4:127.0.0.1:${port}`, loopback],
    ["ipv4, as a URI", (port) => `ipv4:///127.0.0.1:${port}`, loopback],
    ["IPv6", (port) => `[::1]:${port}`, { type: "ip", value: "::1" }, "[::1]"],
    ["ipv6", (port) => `ipv6:[::1]:${port}`, { type: "ip", value: "::1" }, "[::1]"],
  ])("is accepted when its certificate carries that, and TLS asks for no name: %s", async (_, targetOf, name, host) => {
    expect(await call([name], targetOf, "", host)).toEqual({ answer: "hello", asked: [false], calls: 1 });
    expect(warnings).toEqual([]);
  });

  test.each<[string, Name[]]>([
    ["another address", [{ type: "ip", value: "127.0.0.2" }]],
    ["a name", [{ type: "dns", value: "localhost" }]],
    ["the address as a name", [{ type: "dns", value: "127.0.0.1" }]],
  ])("is refused when its certificate carries %s instead", async (_, names) => {
    const { answer, calls } = await call(names, (port) => `127.0.0.1:${port}`);
    expect(answer).toMatchObject({ reason: "identity_mismatch", code: Code.Unavailable });
    expect(String(answer)).toContain("127.0.0.1");
    expect(calls).toBe(0);
    expect(warnings).toEqual([]);
  });

  test("is refused when nobody whom the client trusts has signed its certificate", async () => {
    const trusted = authority;
    authority = { ...(await createTestAuthority("a stranger")), ca: trusted.ca };
    try {
      const { answer, calls } = await call([loopback], (port) => `127.0.0.1:${port}`);
      expect(answer).toMatchObject({ reason: "tls_failure" });
      expect(calls).toBe(0);
    } finally {
      authority = trusted;
    }
  });

  test("must carry the SPIFFE id that its contract declares, and no address then", async () => {
    const declared = 'server_identity: "spiffe://shop/orders"';
    const right: Name = { type: "url", value: "spiffe://shop/orders" };
    expect(await call([right], (port) => `127.0.0.1:${port}`, declared)).toEqual({
      answer: "hello",
      asked: [false],
      calls: 1,
    });
    const { answer, calls } = await call([loopback], (port) => `127.0.0.1:${port}`, declared);
    expect(answer).toMatchObject({ reason: "identity_mismatch" });
    expect(calls).toBe(0);
    expect(warnings).toEqual([]);
  });

  test("is asked for the name that its contract declares", async () => {
    const declared = 'server_identity: "orders.shop.internal"';
    const name: Name = { type: "dns", value: "orders.shop.internal" };
    expect(await call([name], (port) => `127.0.0.1:${port}`, declared)).toEqual({
      answer: "hello",
      asked: ["orders.shop.internal"],
      calls: 1,
    });
    expect(warnings).toEqual([]);
  });
});

test("a TLS server whose target is a name is asked for that", async () => {
  expect(await call([{ type: "dns", value: "localhost" }], (port) => `dns:///localhost:${port}`)).toEqual({
    answer: "hello",
    asked: ["localhost"],
    calls: 1,
  });
});
