// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { contractOf, createServiceClient } from "@talaria/runtime";
import { expect, test } from "vitest";
import { type EchoClient, echoService, failure, failureOf, openEcho } from "./echo.ts";

const message = "a/b: 50 % > 2, see #1 & [that]? http://orders:1/?a=b;c+d@$ größer";

test("a message with any character comes from a Connect server as it was written", async () => {
  const desc = echoService({ service: "response_timeout_millis: 5000" });
  const fail = (): never => {
    throw new ConnectError(message, Code.NotFound);
  };
  const server = createServer(
    connectNodeAdapter({ routes: (router) => router.service(desc, { unary: fail } as object) }),
  );
  await new Promise<void>((resolve) => server.listen(0, resolve));
  try {
    const target = `dns:///localhost:${(server.address() as AddressInfo).port}`;
    await using client = createServiceClient(contractOf(desc), { target }) as unknown as EchoClient;
    expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ code: Code.NotFound, rawMessage: message });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test.each([message, "GET /a%2Fb%20c failed", "100 %"])(
  "%s comes from a grpc-js server as it was written",
  async (text) => {
    await using echo = await openEcho(
      { service: "response_timeout_millis: 5000" },
      { unary: (_, reply) => reply(failure(Code.NotFound, text)) },
    );
    expect(await failureOf(echo.client.unary({ text: "" }))).toMatchObject({ code: Code.NotFound, rawMessage: text });
  },
);
