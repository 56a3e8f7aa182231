// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { Code } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { type ClientOptions, contractOf, createServiceClient, currentCallScope, staticToken } from "@talaria/runtime";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  authenticated,
  callScopes,
  jwtVerifier,
  type TokenVerifier,
  withAuthentication,
  withCallScopes,
} from "../../runtime/src/server/index.ts";
import { compileService } from "../support/compile.ts";
import { startGrpcServer } from "../support/grpc-server.ts";
import { type EchoClient, failureOf, text } from "./echo.ts";

const issuer = "https://id.shop.example";
const service = compileService(
  `syntax = "proto3"; package echo.v1; import "service_client_config.proto";
  message Text { string text = 1; }
  service Echo {
    option (service_client.client_config) = {
      response_timeout_millis: 5000
      transport_security { mode: PLAINTEXT } authentication { scheme: BEARER audience: "orders" }
    };
    rpc Unary(Text) returns (Text);
  }`,
  "echo.v1.Echo",
);

let verify: TokenVerifier;
let sign: (claims: { audience?: string; issuer?: string; expires?: string; subject?: string }) => Promise<string>;
let executed = 0;
const targets: Record<string, string> = {};
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  verify = await jwtVerifier({ issuer, audience: "orders", keys: { keys: [await exportJWK(publicKey)] } });
  sign = ({ audience = "orders", issuer: by = issuer, expires = "1m", subject = "courier-app" }) =>
    new SignJWT({})
      .setProtectedHeader({ alg: "ES256" })
      .setAudience(audience)
      .setIssuer(by)
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(privateKey);
  const answer = () => {
    executed++;
    return text(service, currentCallScope()?.caller?.subject ?? "nobody");
  };
  const handlers = { unary: (_: unknown, reply: (error: null, message: unknown) => void) => reply(null, answer()) };
  const grpc = await startGrpcServer(service, withCallScopes(withAuthentication(handlers as never, verify)) as never);
  closing.push(() => grpc.close());
  const routes = (router: { service: (...args: never[]) => unknown }): void =>
    void router.service(service as never, { unary: answer } as never);
  const connect = createServer(connectNodeAdapter({ routes, interceptors: [callScopes(), authenticated(verify)] }));
  await new Promise<void>((resolve) => connect.listen(0, "127.0.0.1", resolve));
  closing.push(() => connect.close());
  targets["grpc-js"] = grpc.target;
  targets["connect-node"] = `dns:///127.0.0.1:${(connect.address() as AddressInfo).port}`;
});

afterAll(async () => {
  for (const close of closing.reverse()) {
    await close();
  }
});

function open(server: string, token: string): EchoClient {
  const options: ClientOptions = {
    target: targets[server] ?? "",
    credentials: staticToken(token),
    override: { reason: "a test on loopback", tokensOverPlaintext: true },
  };
  const client = createServiceClient(contractOf(service), options) as unknown as EchoClient;
  closing.push(() => client[Symbol.asyncDispose]());
  return client;
}

describe.each(["grpc-js", "connect-node"])("a server of %s that verifies tokens", (server) => {
  test("knows the caller of a good one", async () => {
    const client = open(server, await sign({}));
    expect((await client.unary({ text: "" })).text).toBe("courier-app");
  });

  test.each([
    ["no token of ours", async () => "garbage"],
    ["another audience", () => sign({ audience: "payments" })],
    ["another issuer", () => sign({ issuer: "https://evil.example" })],
    ["an expired one", () => sign({ expires: "-1s" })],
    ["one that was tampered with", async () => `${(await sign({})).slice(0, -6)}AAAAAA`],
  ])("executes nothing for %s", async (_, token) => {
    const before = executed;
    const presented = await token();
    const error = await failureOf(open(server, presented).unary({ text: "" }));
    expect(error).toMatchObject({ reason: "status", code: Code.Unauthenticated });
    expect(String(error)).not.toContain(presented);
    expect(executed).toBe(before);
  });

  test("executes nothing without a token", async () => {
    const before = executed;
    const plain = compileService(
      `syntax = "proto3"; package echo.v1; import "service_client_config.proto";
      message Text { string text = 1; }
      service Echo {
        option (service_client.client_config) = { response_timeout_millis: 5000 transport_security { mode: PLAINTEXT } };
        rpc Unary(Text) returns (Text);
      }`,
      "echo.v1.Echo",
    );
    const client = createServiceClient(contractOf(plain), { target: targets[server] ?? "" }) as unknown as EchoClient;
    closing.push(() => client[Symbol.asyncDispose]());
    expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ code: Code.Unauthenticated });
    expect(executed).toBe(before);
  });
});
