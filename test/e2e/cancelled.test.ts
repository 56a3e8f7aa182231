// SPDX-License-Identifier: Apache-2.0
import type { ConnectRouter } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { contractOf, currentCallScope, guard } from "@talaria/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callScopes, withCallScopes } from "../../runtime/src/server/index.ts";
import { connectServers, type ListeningServer } from "../support/connect-servers.ts";
import { startGrpcServer } from "../support/grpc-server.ts";
import { collect, type EchoClient, echoService, failureOf, type Text, text } from "./echo.ts";

const service = echoService({ service: "response_timeout_millis: 20000" });
const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) {
    await close();
  }
});

/** What became of the calls that were served. */
const told: string[] = [];

/** Serves until the call is cancelled. */
async function serve(): Promise<Text> {
  const signal = currentCallScope()?.signal;
  told.push(signal?.aborted === false ? "begun" : "not in a scope");
  await new Promise((resolve) => signal?.addEventListener("abort", resolve));
  told.push("cancelled");
  return text(service, "");
}

const handlers = {
  unary: serve,
  async *server() {
    yield text(service, "first");
    yield await serve();
  },
};
const routes = (router: ConnectRouter): void => void router.service(service, handlers as never);
const interceptors = [callScopes()];

const servers: readonly (readonly [name: string, start: () => Promise<ListeningServer>])[] = [
  ...connectServers.map(([name, start]) => [name, () => start({ routes, interceptors })] as const),
  [
    "grpc-js",
    async () => {
      const server = await startGrpcServer(
        service,
        withCallScopes({
          unary: (_: unknown, reply: (error: null, message: Text) => void) =>
            serve().then((message) => reply(null, message)),
          async server(call: NodeJS.WritableStream) {
            call.write(text(service, "first") as never);
            await serve();
          },
        } as never),
      );
      return { url: `http://127.0.0.1:${server.port}`, close: () => server.close() };
    },
  ],
];

describe.each(servers)("a call served by %s", (name, start) => {
  let client: EchoClient;
  beforeAll(async () => {
    const { url: baseUrl, close } = await start();
    closing.push(close);
    const transport =
      name === "grpc-js" ? createGrpcTransport({ baseUrl }) : createConnectTransport({ baseUrl, httpVersion: "1.1" });
    client = guard(transport, contractOf(service)) as unknown as EchoClient;
  });

  test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ["unary", (signal) => client.unary({ text: "" }, { signal })],
    ["streaming", (signal) => collect(client.server({ text: "" }, { signal }))],
  ])("is cancelled with its caller: %s", async (_, start) => {
    told.length = 0;
    const controller = new AbortController();
    const call = failureOf(start(controller.signal));
    await expect.poll(() => told).toEqual(["begun"]);
    controller.abort();
    expect(await call).toMatchObject({ reason: "cancelled" });
    await expect.poll(() => told).toEqual(["begun", "cancelled"]);
  });

  test("is cancelled when its caller's time is up", async () => {
    told.length = 0;
    expect(await failureOf(client.unary({ text: "" }, { timeoutMs: 500 }))).toMatchObject({
      reason: "deadline_exceeded",
    });
    await expect.poll(() => told).toEqual(["begun", "cancelled"]);
  });
});
