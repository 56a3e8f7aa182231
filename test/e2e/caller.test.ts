// SPDX-License-Identifier: Apache-2.0
import { createSecureServer } from "node:http2";
import { createServer, type Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Code, type ConnectRouter } from "@connectrpc/connect";
import { expressConnectMiddleware } from "@connectrpc/connect-express";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { connectNodeAdapter, createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { type CallerIdentity, contractOf, currentCallScope, guard } from "@talaria/runtime";
import express from "express";
import { fastify } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  authenticated,
  callerOfCertificate,
  callScopes,
  certificateIdentity,
  certificateValues,
  serviceDefinition,
  withAuthentication,
  withCallScopes,
  withCertificateIdentity,
} from "../../runtime/src/server/index.ts";
import { type CertifiedKey, createTestAuthority, type TestAuthority } from "../support/certificates.ts";
import { startGrpcServer } from "../support/grpc-server.ts";
import { collect, type EchoClient, echoService, failureOf, messages, type Text, text } from "./echo.ts";

const service = echoService({ service: "response_timeout_millis: 5000" });
const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) {
    await close();
  }
});

/** How many handlers ran. */
let executed = 0;

/** What a handler knows of its caller. */
function caller(): Text {
  executed += 1;
  return text(service, currentCallScope()?.caller?.subject ?? "nobody");
}

/** Handlers of grpc-js that say who calls, where they run and in the listeners that they add: those of a class. */
class GrpcHandlers {
  readonly name = "no handler";

  unary(_call: unknown, reply: (error: null, message: Text) => void): void {
    reply(null, caller());
  }

  server(call: NodeJS.WritableStream): void {
    call.write(caller() as never);
    call.end();
  }
}

class GrpcStreamHandlers extends GrpcHandlers {
  client(call: NodeJS.ReadableStream, reply: (error: null, message: Text) => void): void {
    call.on("data", () => undefined);
    call.on("end", () => reply(null, caller()));
  }

  bidi(call: NodeJS.ReadWriteStream): void {
    call.on("data", () => call.write(caller() as never));
    call.on("end", () => call.end());
  }
}

const connectHandlers = {
  unary: async () => caller(),
  async *server() {
    yield caller();
  },
  async client(requests: AsyncIterable<Text>) {
    await collect(requests);
    return caller();
  },
  async *bidi(requests: AsyncIterable<Text>) {
    for await (const _ of requests) {
      yield caller();
    }
  },
};

const routes = (router: ConnectRouter): void => void router.service(service, connectHandlers as never);

type Calls = (() => Promise<string | string[]>)[];

/** Calls of each kind of method. */
function callsOf(client: EchoClient, headers: Record<string, string> = {}): Calls {
  return [
    () => client.unary({ text: "" }, { headers }).then(({ text }) => text),
    () => collect(client.server({ text: "" }, { headers })),
    () => client.client(messages("a"), { headers }).then(({ text }) => text),
    () => collect(client.bidi(messages("a"), { headers })),
  ];
}

async function expectRefused(calls: Calls, code = Code.Unauthenticated): Promise<void> {
  const before = executed;
  for (const call of calls) {
    expect(await failureOf(call())).toMatchObject({ code });
  }
  expect(executed).toBe(before);
}

async function listen(server: HttpsServer | ReturnType<typeof createSecureServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Calls whose verification was begun, and what ends it. */
const slow = { begun: 0, end: Promise.withResolvers<void>() };

const verify = async (token: string): Promise<CallerIdentity> => {
  if (token === "slow") {
    slow.begun += 1;
    await slow.end.promise;
  } else if (token !== "good") {
    throw new Error("no");
  }
  return { scheme: "bearer", subject: "courier-app", claims: {} };
};

const tokenServers: [name: string, start: () => Promise<string>][] = [
  [
    "grpc-js",
    async () => {
      const handlers = withCallScopes(withAuthentication(new GrpcStreamHandlers() as never, verify));
      const server = await startGrpcServer(service, handlers);
      closing.push(() => server.close());
      return `http://127.0.0.1:${server.port}`;
    },
  ],
  [
    "Connect",
    async () => {
      const server = fastify({ http2: true });
      await server.register(fastifyConnectPlugin, { routes, interceptors: [callScopes(), authenticated(verify)] });
      closing.push(() => server.close());
      return server.listen({ port: 0, host: "127.0.0.1" });
    },
  ],
];

describe.each(tokenServers)("a server of %s that verifies tokens", (_, start) => {
  let client: EchoClient;
  beforeAll(async () => {
    const baseUrl = await start();
    client = guard(createGrpcTransport({ baseUrl }), contractOf(service)) as unknown as EchoClient;
  });

  test("knows the caller in handlers of all kinds, to their end", async () => {
    const answers = await Promise.all(callsOf(client, { authorization: "Bearer good" }).map((call) => call()));
    expect(answers.flat()).toEqual(["courier-app", "courier-app", "courier-app", "courier-app"]);
  });

  test("runs no handler for calls that were cancelled meanwhile", async () => {
    const before = { executed, begun: slow.begun };
    const controller = new AbortController();
    const options = { headers: { authorization: "Bearer slow" }, signal: controller.signal };
    const calls = [client.unary({ text: "" }, options), collect(client.server({ text: "" }, options))].map(failureOf);
    await expect.poll(() => slow.begun).toBe(before.begun + 2);
    controller.abort();
    for (const failure of await Promise.all(calls)) {
      expect(failure).toMatchObject({ reason: "cancelled" });
    }
    // The server has heard of it when it has answered another call on the connection.
    await client.unary({ text: "" }, { headers: { authorization: "Bearer good" } });
    slow.end.resolve();
    slow.end = Promise.withResolvers();
    await client.unary({ text: "" }, { headers: { authorization: "Bearer good" } });
    expect(executed).toBe(before.executed + 2);
  });

  test.each<Record<string, string>>([{}, { authorization: "Bearer bad" }, { authorization: "Basic good" }])(
    "runs no handler of any kind for %j",
    async (headers) => {
      await expectRefused(callsOf(client, headers));
    },
  );
});

const courier = "spiffe://shop/courier";
const accept = ({ claims }: CallerIdentity): boolean => (claims.names as string[]).includes(`URI:${courier}`);

interface Serving extends CertifiedKey {
  readonly ca: string;
}

const interceptors = [callScopes(), certificateIdentity(accept)];
/** A caller without a certificate that can be trusted is let in, so that the adapter has to look. */
const asking = { requestCert: true, rejectUnauthorized: false };

const certificateServers: [name: string, start: (tls: Serving) => Promise<number>][] = [
  [
    "grpc-js",
    async ({ ca, cert, key }) => {
      const server = new Server();
      const handlers = withCallScopes(withCertificateIdentity(new GrpcStreamHandlers() as never, accept));
      server.addService(serviceDefinition(service), handlers);
      const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
      const credentials = ServerCredentials.createSsl(Buffer.from(ca), [pair], true);
      closing.push(() => server.forceShutdown());
      return new Promise((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error ? reject(error) : resolve(port))),
      );
    },
  ],
  [
    "connect-node",
    (tls) =>
      listen(
        createSecureServer(
          { ...tls, ...asking },
          connectNodeAdapter({ routes, contextValues: certificateValues, interceptors }),
        ),
      ),
  ],
  [
    "express",
    (tls) => {
      const middleware = expressConnectMiddleware({ routes, contextValues: certificateValues, interceptors });
      return listen(createServer({ ...tls, ...asking }, express().use(middleware)));
    },
  ],
  [
    "fastify",
    async (tls) => {
      const server = fastify({ https: { ...tls, ...asking } });
      await server.register(fastifyConnectPlugin, { routes, contextValues: certificateValues, interceptors });
      closing.push(() => server.close());
      return Number(new URL(await server.listen({ port: 0, host: "127.0.0.1" })).port);
    },
  ],
];

describe.each(certificateServers)("a server of %s that knows callers by certificate", (name, start) => {
  let authority: TestAuthority;
  let port: number;
  beforeAll(async () => {
    authority = await createTestAuthority();
    port = await start({ ca: authority.ca, ...(await authority.issue([{ type: "dns", value: "localhost" }])) });
  });

  /** Over HTTP/1.1 there is no call with two streams. */
  const isHttp2 = name === "grpc-js" || name === "connect-node";

  async function callsWith(certificate: CertifiedKey | object): Promise<Calls> {
    const baseUrl = `https://localhost:${port}`;
    const nodeOptions = { ca: authority.ca, ...certificate };
    const transport = isHttp2
      ? createGrpcTransport({ baseUrl, nodeOptions })
      : createConnectTransport({ baseUrl, nodeOptions, httpVersion: "1.1" });
    const calls = callsOf(guard(transport, contractOf(service)) as unknown as EchoClient);
    return isHttp2 ? calls : calls.slice(0, 3);
  }

  test("knows the caller in handlers of all kinds", async () => {
    const calls = await callsWith(await authority.issue([{ type: "url", value: courier }]));
    const answers = await Promise.all(calls.map((call) => call()));
    expect(answers.flat()).toEqual(calls.map(() => courier));
  });

  test("runs nothing for one that it does not accept", async () => {
    await expectRefused(await callsWith(await authority.issue([{ type: "url", value: "spiffe://shop/other" }])));
  });

  test("is not fooled by a name that reads like several", async () => {
    const several = await authority.issue([{ type: "dns", value: `a, URI:${courier}, DNS:b` }]);
    await expectRefused(await callsWith(several));
  });

  test("runs nothing for a certificate of somebody else's authority, or none", async () => {
    const stranger = await createTestAuthority("somebody else");
    // The server of grpc-js ends such a connection before there is a call.
    const code = name === "grpc-js" ? Code.Unavailable : Code.Unauthenticated;
    for (const certificate of [await stranger.issue([{ type: "url", value: courier }]), {}]) {
      await expectRefused(await callsWith(certificate), code);
    }
  });
});

test("callerOfCertificate() reads names as Node.js writes them, odd ones in quotes", () => {
  expect(callerOfCertificate({ subjectaltname: String.raw`DNS:"a\u002c b", URI:spiffe://shop/x` })).toEqual({
    scheme: "mutual_tls",
    subject: "a, b",
    claims: { names: ["DNS:a, b", "URI:spiffe://shop/x"] },
  });
  expect(callerOfCertificate({ subjectaltname: "" })).toBeUndefined();
  expect(callerOfCertificate(undefined)).toBeUndefined();
});
