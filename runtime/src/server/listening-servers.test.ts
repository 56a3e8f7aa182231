// SPDX-License-Identifier: Apache-2.0
import { connect } from "node:http2";
import type { AddressInfo } from "node:net";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { type AnyHttp2Server, bindObserved } from "./listening-servers.ts";

/** Binds a grpc-js server, and answers with its port and what was observed. */
async function observe(address: string): Promise<{ server: Server; port: number; seen: AnyHttp2Server[] }> {
  const server = new Server();
  const seen: AnyHttp2Server[] = [];
  const port = await bindObserved(
    () =>
      new Promise<number>((resolve, reject) => {
        server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
          error === null ? resolve(bound) : reject(error),
        );
      }),
    (http2) => {
      expect(http2.listening).toBe(false);
      seen.push(http2);
    },
  );
  return { server, port, seen };
}

test("binding a grpc-js server shows the HTTP/2 server that accepts its connections", async () => {
  const { server, port, seen } = await observe("127.0.0.1:0");
  expect(seen.map((http2) => (http2.address() as AddressInfo).port)).toEqual([port]);

  const session = new Promise((resolve) => seen[0]?.once("session", resolve));
  const client = connect(`http://127.0.0.1:${port}`);
  expect(await session).toBeDefined();
  client.destroy();
  server.forceShutdown();
});

test("servers that are bound at the same time are told apart, whatever their address", async () => {
  const bound = await Promise.all([observe("localhost:0"), observe("127.0.0.1:0"), observe("0.0.0.0:0")]);
  for (const { server, port, seen } of bound) {
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen.map((http2) => (http2.address() as AddressInfo).port))).toEqual(new Set([port]));
    server.forceShutdown();
  }
});

test("a server that never listens is an error that says what to do", async () => {
  await expect(
    bindObserved(
      async () => 0,
      () => {},
    ),
  ).rejects.toThrow("use Node.js 22.2 or later");
});
