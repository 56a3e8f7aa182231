// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { Code } from "@connectrpc/connect";
import { status as Status } from "@grpc/grpc-js";
import {
  type CredentialsProvider,
  configureTalaria,
  contractOf,
  createServiceClient,
  processCredentials,
  staticToken,
  tokenFromFile,
} from "@talaria/runtime";
import { afterEach, describe, expect, test } from "vitest";
import { createTestAuthority } from "../support/certificates.ts";
import { compileService } from "../support/compile.ts";
import { startGrpcServer } from "../support/grpc-server.ts";
import { root, runCommand } from "../support/run-command.ts";
import { captureWarnings } from "../support/warnings.ts";
import { type EchoClient, failure, failureOf, text } from "./echo.ts";

const logged = captureWarnings("TALARIA_OVERRIDE", /departs from its contract \(test\): .*"mode":"PLAINTEXT"/);
const closing: (() => unknown)[] = [];
afterEach(async () => {
  configureTalaria({});
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

const service = compileService(
  `syntax = "proto3"; package echo.v1; import "service_client_config.proto";
  message Text { string text = 1; }
  service Echo {
    option (service_client.client_config) = {
      response_timeout_millis: 1500 retry { max_attempts: 3 } circuit_breaker { minimum_request_threshold: 1 }
      transport_security { mode: TLS } authentication { scheme: BEARER audience: "orders" }
    };
    rpc Unary(Text) returns (Text) { option idempotency_level = IDEMPOTENT; }
  }`,
  "echo.v1.Echo",
);

/** With a server that always fails there is something to log. */
const failing = `
  syntax = "proto3"; package echo.v1; import "service_client_config.proto";
  message Text { string text = 1; }
  service Echo {
    option (service_client.client_config) = {
      response_timeout_millis: 5000 retry { max_attempts: 2 initial_backoff_millis: 1 }
      retry_throttling { max_tokens: 2 } circuit_breaker { minimum_request_threshold: 4 }
      transport_security { mode: PLAINTEXT } authentication { scheme: BEARER }
    };
    rpc Unary(Text) returns (Text) { option idempotency_level = IDEMPOTENT; }
  }`;

/** A server over TLS that says which token it was told. */
async function open(credentials: CredentialsProvider): Promise<{ client: EchoClient; calls: () => number }> {
  const authority = await createTestAuthority();
  const tls = await authority.issue([{ type: "dns", value: "localhost" }]);
  let calls = 0;
  const handlers = {
    unary(call: { metadata: { get(key: string): unknown[] } }, reply: (error: null, message: unknown) => void) {
      calls++;
      reply(null, text(service, String(call.metadata.get("authorization"))));
    },
  };
  const server = await startGrpcServer(service, handlers as never, { tls });
  closing.push(() => server.close());
  const client = createServiceClient(contractOf(service), {
    target: server.target,
    tls: { ca: authority.ca },
    credentials,
  }) as unknown as EchoClient;
  closing.push(() => client[Symbol.asyncDispose]());
  return { client, calls: () => calls };
}

describe("bearer tokens", () => {
  test("are asked for by audience and sent", async () => {
    const requests: unknown[] = [];
    const { client } = await open({
      async token(request) {
        requests.push(request);
        return "abc.def";
      },
    });
    expect((await client.unary({ text: "" }, { headers: { authorization: "mine" } })).text).toBe("Bearer abc.def");
    expect(requests).toEqual([{ audience: "orders", service: "echo.v1.Echo" }]);
  });

  test("follow a file that is rotated", async () => {
    const folder = mkdtempSync(join(tmpdir(), "talaria-token-"));
    closing.push(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "token");
    writeFileSync(file, "first\n");
    const { client } = await open(tokenFromFile(file));
    expect((await client.unary({ text: "" })).text).toBe("Bearer first");
    writeFileSync(file, "second");
    const told = (): Promise<string> => client.unary({ text: "" }).then(({ text }) => text);
    await expect.poll(told, { timeout: 10_000, interval: 100 }).toBe("Bearer second");
  });

  test("come from the process when the client is opened so", async () => {
    const { client } = await open(processCredentials);
    expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ reason: "unauthenticated" });
    configureTalaria({ credentials: staticToken("shared") });
    expect((await client.unary({ text: "" })).text).toBe("Bearer shared");
  });

  test.each([
    ["a provider that fails", () => Promise.reject(new Error("vault is sealed")), "vault is sealed"],
    ["no token", () => "", "no token"],
    ["a token that cannot be sent", () => "top-secret\r\nx: y", "characters"],
  ])(
    "that cannot be had fail the call, unsent, untried again, and the breaker does not mind: %s",
    async (_, token, why) => {
      const { client, calls } = await open({ token });
      for (let i = 0; i < 2; i++) {
        const error = await failureOf(client.unary({ text: "" }));
        expect(error).toMatchObject({ reason: "unauthenticated", code: Code.Unauthenticated, attempts: [] });
        expect(String(error)).toContain(why);
        expect(inspect(error, { depth: 9 })).not.toContain("top-secret");
      }
      expect(calls()).toBe(0);
    },
  );

  test("that come too late end the call at its deadline", async () => {
    const { client, calls } = await open({ token: () => new Promise<string>(() => undefined) });
    expect(await failureOf(client.unary({ text: "" }))).toMatchObject({ reason: "deadline_exceeded" });
    const controller = new AbortController();
    const call = failureOf(client.unary({ text: "" }, { signal: controller.signal }));
    controller.abort();
    expect(await call).toMatchObject({ reason: "cancelled" });
    expect(calls()).toBe(0);
  });

  test("never show in the error of a call that failed", async () => {
    const { client } = await open(staticToken("top-secret"));
    const error = await failureOf(client.unary({ text: "" }, { headers: { "x-bad": "ü" } }));
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("top-secret");
  });

  test("never show in what is logged: warnings, events, and what a process prints", async () => {
    const told: string[] = [];
    const server = await startGrpcServer(compileService(failing, "echo.v1.Echo"), {
      unary(call: { metadata: { get(key: string): unknown[] } }, reply: (error: unknown) => void) {
        told.push(String(call.metadata.get("authorization")));
        reply(failure(Status.UNAVAILABLE, "not today"));
      },
    } as never);
    closing.push(() => server.close());
    const program = `
      import { subscribe } from "node:diagnostics_channel";
      import { contractOf, createServiceClient, staticToken } from "@talaria/runtime";
      import { compileService } from "./test/support/compile.ts";
      for (const channel of ["breaker", "throttle", "overrides", "server"]) {
        subscribe("talaria." + channel, (event) => console.log(channel, JSON.stringify(event)));
      }
      await using client = createServiceClient(contractOf(compileService(${JSON.stringify(failing)}, "echo.v1.Echo")), {
        target: "${server.target}",
        credentials: staticToken("top-secret"),
        override: { reason: "a test on loopback", tokensOverPlaintext: true },
      });
      for (let i = 0; i < 4; i++) {
        await client.unary({ text: "" }).catch((error) => console.log(error));
      }`;
    const args = ["--conditions=talaria-source", "--input-type=module-typescript", "--eval", program];
    const { stdout, stderr } = await runCommand([process.execPath, ...args], { folder: root });
    const printed = stdout + stderr;
    for (const logged of [/^breaker .*"to":"OPEN"/m, /^throttle .*"exhausted"/m, /a test on loopback/, /not today/]) {
      expect(printed).toMatch(logged);
    }
    expect(told).toContain("Bearer top-secret");
    expect(printed).not.toContain("top-secret");
  });

  test("are demanded when the client is opened, and not sent in the clear", async () => {
    const target = "dns:///localhost:1";
    expect(() => createServiceClient(contractOf(service), { target })).toThrow(/demands a bearer token/);
    const override = { reason: "test", transportSecurity: { mode: "PLAINTEXT" } } as const;
    const credentials = staticToken("t");
    expect(() => createServiceClient(contractOf(service), { target, credentials, override })).toThrow(/in the clear/);
    const loud = { ...override, tokensOverPlaintext: true };
    closing.push(() => client[Symbol.asyncDispose]());
    const client = createServiceClient(contractOf(service), { target, credentials, override: loud });
    expect(await logged.texts()).toEqual(
      ["", '"tokensOverPlaintext":true,'].map(
        (said) =>
          `a client of echo.v1.Echo departs from its contract (test): {"transportSecurity":{"mode":"PLAINTEXT"},${said}"methods":[]}`,
      ),
    );
  });
});
