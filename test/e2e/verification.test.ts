// SPDX-License-Identifier: Apache-2.0
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { Code } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { type ClientOptions, contractOf, createServiceClient, currentCallScope, staticToken } from "@talaria/runtime";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  authenticated,
  callScopes,
  type JwtOptions,
  jwtVerifier,
  type TokenVerifier,
  withAuthentication,
  withCallScopes,
} from "../../runtime/src/server/index.ts";
import { compileService } from "../support/compile.ts";
import { startGrpcServer } from "../support/grpc-server.ts";
import { captureWarnings } from "../support/warnings.ts";
import { type EchoClient, failureOf, text } from "./echo.ts";

captureWarnings(
  "TALARIA_OVERRIDE",
  /^a client of echo\.v1\.Echo departs from its contract \(a test on loopback\): \{"tokensOverPlaintext":true,"methods":\[\]\}$/,
);

/** What a token says; `expires: null`: nothing of its end. */
interface Claims {
  readonly audience?: string;
  readonly issuer?: string;
  readonly expires?: string | null;
  readonly notBefore?: string;
  readonly subject?: string;
  /** Who signs it. Default: the issuer. */
  readonly key?: CryptoKey | Uint8Array;
}

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
let publicJwk: JWK;
let sign: (claims: Claims) => Promise<string>;
let executed = 0;
const targets: Record<string, string> = {};
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  publicJwk = await exportJWK(publicKey);
  verify = await jwtVerifier({ issuer, audience: "orders", keys: { keys: [publicJwk] } });
  sign = ({ audience, issuer: by, expires = "1m", notBefore = "0s", subject = "courier-app", key = privateKey }) => {
    const token = new SignJWT({})
      .setProtectedHeader({ alg: key instanceof Uint8Array ? "HS256" : "ES256" })
      .setAudience(audience ?? "orders")
      .setIssuer(by ?? issuer)
      .setSubject(subject)
      .setIssuedAt()
      .setNotBefore(notBefore);
    return (expires === null ? token : token.setExpirationTime(expires)).sign(key);
  };
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
    ["one without an end", () => sign({ expires: null })],
    ["one that is not good yet", () => sign({ notBefore: "30s" })],
    ["one that somebody else has signed", async () => sign({ key: (await generateKeyPair("ES256")).privateKey })],
    ["one that is signed by the public key", () => sign({ key: new TextEncoder().encode(JSON.stringify(publicJwk)) })],
    ["one without a signature", async () => unsigned(await sign({}))],
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

describe("jwtVerifier()", () => {
  test.each(["http://id.example/jwks.json", "http://127.0.0.1.id.example/", "file:///etc/keys"])(
    "takes no keys from %s, which anybody could change",
    async (keys) => {
      await expect(jwtVerifier({ issuer, audience: "orders", keys: new URL(keys) })).rejects.toThrow(
        /keys would come from \S+ in the clear/,
      );
    },
  );

  // What an environment variable that is not set becomes: to `jose`, it means any.
  test.each(["audience", "issuer"] as const)("is not made without an %s", async (name) => {
    for (const value of [undefined, "", 7]) {
      const options = { issuer, audience: "orders", keys: { keys: [publicJwk] }, [name]: value } as JwtOptions;
      await expect(jwtVerifier(options)).rejects.toMatchObject({
        code: Code.InvalidArgument,
        rawMessage: expect.stringContaining(`jwtVerifier: ${name} must be a text`),
      });
    }
  });

  test("says what keys are", async () => {
    const options = { issuer, audience: "orders", keys: "https://id.shop.example/jwks.json" };
    await expect(jwtVerifier(options as unknown as JwtOptions)).rejects.toThrow("keys must be a URL, e.g. new URL(");
  });

  test("fetches the keys that an issuer publishes", async () => {
    const publishing = createHttpServer((_, response) => response.end(JSON.stringify({ keys: [publicJwk] })));
    await new Promise<void>((resolve) => publishing.listen(0, "127.0.0.1", resolve));
    closing.push(() => publishing.close());
    const keys = new URL(`http://127.0.0.1:${(publishing.address() as AddressInfo).port}/jwks.json`);
    const remote = await jwtVerifier({ issuer, audience: "orders", keys });
    expect(await remote(await sign({ subject: "till" }))).toMatchObject({ scheme: "bearer", subject: "till" });
    await expect(remote(await sign({ audience: "payments" }))).rejects.toThrow("aud");
  });
});

/** The same claims, and the algorithm that demands no signature. */
function unsigned(token: string): string {
  const [, claims] = token.split(".");
  return `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.`;
}
