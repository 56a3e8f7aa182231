// SPDX-License-Identifier: Apache-2.0
import { Code, ConnectError, type Interceptor, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import {
  type BoundContract,
  type CallHooks,
  type ClientOptions,
  configureTalaria,
  contractOf,
  createServiceClient,
  type GuardOptions,
  guard,
  staticToken,
  type TalariaConfiguration,
} from "@talaria/runtime";
import { afterEach, describe, expect, test } from "vitest";
import { createOrderServiceClient } from "../../generated/shop/orders/v1/orders_client.ts";
import { type OrderService, OrderService as orderService } from "../../generated/shop/orders/v1/orders_pb.ts";
import { echoService } from "./echo.ts";

const contract = contractOf(echoService({}));
const target = "dns:///localhost:1";
const interceptor: Interceptor = (next) => next;

/** Options as JavaScript lets them be written. */
function open(options: unknown): AsyncDisposable {
  return createServiceClient(contract, options as ClientOptions);
}

function refusalOf(use: () => unknown): string {
  try {
    use();
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ code: Code.InvalidArgument });
    return (error as ConnectError).rawMessage;
  }
  throw new Error("it was expected to be refused");
}

class Hooks implements CallHooks {
  ended = 0;
  onCallEnd(): void {
    this.ended += 1;
  }
}

describe("createServiceClient()", () => {
  const prefix = "a client of echo.v1.Echo cannot be opened with these options: ";

  test.each<[unknown, string]>([
    [{ target, interceptor: [] }, "interceptor is unknown; did you mean interceptors?"],
    [
      { targt: "localhost:1" },
      'target is no gRPC name: undefined; write e.g. "dns:///orders.shop.svc.cluster.local:50051"; ' +
        "targt is unknown; did you mean target?",
    ],
    [
      { target, timeoutMs: 5 },
      "timeoutMs is unknown; known are telemetry, hooks, headers, interceptors, target, tls, identity, credentials, override",
    ],
    [undefined, "must be an object, not undefined"],
    [target, "must be an object, not a string"],
    [{ target: 50051 }, 'target is no gRPC name: a number; write e.g. "dns:///orders.shop.svc.cluster.local:50051"'],
    [{ target, tls: "-----BEGIN" }, 'tls must be an object, e.g. { ca: { file: "/etc/tls/ca.pem" } }, not a string'],
    [{ target, tls: { rejectUnauthorized: false } }, "tls.rejectUnauthorized is unknown; known are ca, cert, key"],
    [{ target, tls: { ca: ["x"] } }, 'tls.ca must be a text in PEM, or { file: "…" }, not a list'],
    [{ target, tls: { key: { path: "x" } } }, "tls.key.file is missing; tls.key.path is unknown; known are file"],
    [
      { target, tls: { cert: { file: new URL("file:///x") } } },
      "tls.cert.file must be the path of a file, not an object",
    ],
    [{ target, identity: "7" }, 'identity must be an object, e.g. { shard: "7" }, not a string'],
    [{ target, identity: { shard: 7 } }, 'identity.shard must be a text, e.g. "7", not a number'],
    [
      { target, credentials: "s3cret" },
      'credentials must be a provider with the method token(), e.g. staticToken("…"), not a string',
    ],
    [{ target, telemetry: true }, 'telemetry must be "off", or what createOpenTelemetry() makes, not a boolean'],
    [
      { target, hooks: () => undefined },
      "hooks must be an object of functions, e.g. { onCallEnd(end) {} }, not a function",
    ],
    [{ target, hooks: { onCallEnded() {} } }, "hooks.onCallEnded is unknown; did you mean onCallEnd?"],
    [{ target, hooks: { onRetry: 3 } }, "hooks.onRetry must be a function, not a number"],
    [{ target, interceptors: interceptor }, "interceptors must be a list of Connect interceptors, not a function"],
    [
      { target, interceptors: [interceptor, {}] },
      "interceptors[1] must be a function, a Connect interceptor, not an object",
    ],
    [{ target, override: "PLAINTEXT" }, "override must be an object, not a string"],
  ])("refuses %j", (options, why) => {
    expect(refusalOf(() => open(options))).toBe(prefix + why);
  });

  test.each<unknown>([
    { target, tls: undefined, identity: undefined, hooks: undefined, interceptors: undefined, override: undefined },
    { target, tls: {}, identity: { shard: "7" }, hooks: {}, interceptors: [interceptor], telemetry: "off" },
    { target, tls: { ca: undefined }, hooks: new Hooks(), credentials: staticToken("t") },
    Object.assign(Object.create(null), { target }),
    Object.freeze({ target }),
  ])("takes options that can be used: %j", async (options) => {
    await using client = open(options);
    expect(client).toBeDefined();
  });

  test("is what a generated constructor goes through", () => {
    const options = { target, tsl: {} } as unknown as ClientOptions;
    expect(refusalOf(() => createOrderServiceClient(options))).toBe(
      "a client of shop.orders.v1.OrderService cannot be opened with these options: tsl is unknown; did you mean tls?",
    );
  });

  test.each<[unknown, string]>([
    [orderService, "the descriptor of OrderService: write contractOf(OrderService)"],
    [undefined, "undefined: write contractOf(OrderService)"],
    [{ target }, "an object: write contractOf(OrderService)"],
  ])("refuses what is no contract", (wrong, why) => {
    expect(refusalOf(() => createServiceClient(wrong as BoundContract<typeof OrderService>, { target }))).toBe(
      `createServiceClient() needs a contract and was given ${why}, or the contract that was generated`,
    );
  });

  test("takes options of a class, whose target is no property of its own", async () => {
    class Settings implements ClientOptions {
      get target(): string {
        return target;
      }
    }
    await open(new Settings())[Symbol.asyncDispose]();
  });
});

describe("guard()", () => {
  const transport = createConnectTransport({ baseUrl: "http://127.0.0.1:1", httpVersion: "2" });

  test.each<[unknown, string]>([
    [{ targt: "a" }, "targt is unknown; did you mean target?"],
    [{ target: "" }, "target must be a text that is not empty"],
    [{ tls: {} }, "tls is unknown; known are telemetry, hooks, headers, interceptors, target, credentials"],
    [null, "must be an object, not null"],
  ])("refuses %j", (options, why) => {
    expect(refusalOf(() => guard(transport, contract, options as GuardOptions))).toBe(
      `a transport cannot be guarded with these options: ${why}`,
    );
  });

  test("refuses arguments that are no transport and no contract", () => {
    const descriptor = orderService as unknown as typeof contract;
    expect(refusalOf(() => guard(transport, descriptor))).toContain("guard() needs a contract");
    expect(refusalOf(() => guard(contract as unknown as Transport, contract))).toBe(
      "guard() needs a Connect transport and was given an object: write guard(createGrpcTransport({ baseUrl }), contract)",
    );
  });
});

describe("configureTalaria()", () => {
  afterEach(() => configureTalaria({}));

  test.each<[unknown, string]>([
    [{ header: ["x-tenant"] }, "header is unknown; did you mean headers?"],
    [{ headers: "x-tenant" }, "headers must be a list of names of headers, not a string"],
    [{ headers: [1] }, "headers[0] must be the lower-case name of a header, not a number"],
    [{ headers: ["X-A"] }, 'headers[0] must be the lower-case name of a header, not "X-A"'],
    [
      { headers: ["cookie"] },
      'headers[0] is "cookie", which cannot be passed on: credentials belong to one hop; give the client a credentials provider',
    ],
    [{ hooks: { onCalEnd() {} } }, "hooks.onCalEnd is unknown; did you mean onCallEnd?"],
  ])("refuses %j", (options, why) => {
    expect(refusalOf(() => configureTalaria(options as TalariaConfiguration))).toBe(
      `configureTalaria cannot use these options: ${why}`,
    );
  });
});
