// SPDX-License-Identifier: Apache-2.0
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  type ClientExtensions,
  configureTalaria,
  contractOf,
  createServiceClient,
  currentOverrides,
  guard,
  runInCallScope,
  setOverrides,
} from "@talaria/runtime";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startGrpcServer, type TestServer } from "../support/grpc-server.ts";
import { captureWarnings } from "../support/warnings.ts";
import { type EchoClient, echoService, type Text, text } from "./echo.ts";

captureWarnings("TALARIA_OVERRIDE", /overrides/);

const service = echoService({ service: 'response_timeout_millis: 5000 required_headers: ["x-region"]' });
const sent = { "x-region": "eu", "x-tenant": "acme", "x-team": "blue" };
let server: TestServer;

/** Answers with the context headers that it was sent. */
const handlers = {
  unary(call: { metadata: { getMap(): object } }, reply: (error: null, message: Text) => void) {
    const names = Object.keys(call.metadata.getMap()).filter((name) => name in sent);
    reply(null, text(service, names.sort().join()));
  },
};

beforeAll(async () => {
  server = await startGrpcServer(service, handlers as never);
});
afterAll(() => server.close());
beforeEach(() => configureTalaria({ headers: ["x-tenant"] }));
afterEach(() => {
  configureTalaria({});
  setOverrides(undefined);
});

const clients: [name: string, open: (extensions?: ClientExtensions) => EchoClient][] = [
  [
    "createServiceClient()",
    (extensions) =>
      createServiceClient(contractOf(service), { target: server.target, ...extensions }) as unknown as EchoClient,
  ],
  [
    "guard()",
    (extensions) =>
      guard(
        createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.port}` }),
        contractOf(service),
        extensions,
      ) as unknown as EchoClient,
  ],
];

describe.each(clients)("the headers that a client of %s passes on", (_, open) => {
  async function passed(extensions?: ClientExtensions): Promise<string> {
    await using client = open(extensions);
    return (await runInCallScope({ headers: sent }, () => client.unary({ text: "" }))).text;
  }

  test("are those of the process and of the contract", async () => {
    expect(await passed()).toBe("x-region,x-tenant");
  });

  test("are its own in place of the process's, and those of the contract", async () => {
    expect(await passed({ headers: ["x-team"] })).toBe("x-region,x-team");
    expect(await passed({ headers: [] })).toBe("x-region");
  });

  test("are its own with interceptors, too", async () => {
    expect(await passed({ headers: ["x-team"], interceptors: [(next) => (request) => next(request)] })).toBe(
      "x-region,x-team",
    );
  });

  test.each(["authorization", "proxy-connection", "grpc-timeout", "tracestate"])("cannot be %s", (name) => {
    expect(() => open({ headers: [name] })).toThrow(`headers[0] is "${name}", which cannot be passed on`);
  });

  test("are what was checked, whatever becomes of the list", async () => {
    const headers = ["x-team"];
    configureTalaria({ headers });
    headers.push("x-tenant");
    expect(await passed()).toBe("x-region,x-team");
  });
});

describe("configureTalaria()", () => {
  async function passed(): Promise<string> {
    await using client = createServiceClient(contractOf(service), { target: server.target }) as unknown as EchoClient;
    return (await runInCallScope({ headers: sent }, () => client.unary({ text: "" }))).text;
  }

  test("called again, replaces what it was told before, except overrides", async () => {
    const hooks = { onCallStart: () => void heard.push("call") };
    const heard: string[] = [];
    const overrides = { reason: "a test", rules: [{ service: "*", maxAttempts: 1 }] };
    configureTalaria({ headers: ["x-team"], hooks, overrides });
    expect([await passed(), ...heard]).toEqual(["x-region,x-team", "call"]);
    configureTalaria({ headers: ["x-tenant"] });
    expect([await passed(), ...heard]).toEqual(["x-region,x-tenant", "call"]);
    expect(currentOverrides()).toEqual(overrides);
  });

  test("that is refused changes nothing", async () => {
    const wrong = { headers: ["x-team"], header: [] } as object;
    expect(() => configureTalaria(wrong)).toThrow(/header is unknown; did you mean headers\?/);
    expect(await passed()).toBe("x-region,x-tenant");
  });
});
