// SPDX-License-Identifier: Apache-2.0
import { Code } from "@connectrpc/connect";
import { Channel, experimental } from "@grpc/grpc-js";
import {
  type ClientOptions,
  type ContractOverride,
  contractOf,
  createServiceClient,
  type ObservedMethod,
  setOverrides,
  type Telemetry,
} from "@talaria/runtime";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openSharedState } from "../../runtime/src/shared-state.ts";
import { captureWarnings } from "../support/warnings.ts";
import { type EchoClient, echoService, openEcho, text } from "./echo.ts";

const logged = captureWarnings(
  "TALARIA_OVERRIDE",
  /^overrides (are in force .*"responseTimeoutMs":9000|were taken back)/,
);
afterEach(() => {
  setOverrides(undefined);
  vi.restoreAllMocks();
});

const contract = contractOf(
  echoService({
    service: `response_timeout_millis: 1000 circuit_breaker {} retry {} retry_throttling {} max_concurrent_requests: 5`,
  }),
);
const target = "dns:///localhost:1";

/** Whether a client of the target is open: what its clients share lives as long as one of them. */
function isShared(): boolean {
  const [policy] = contract.methods;
  if (policy === undefined) {
    throw new Error("the contract has no method");
  }
  const [first, second] = [0, 1].map(() => {
    const shared = openSharedState(target, Math.random);
    const found = [
      shared.breaker(contract.service, policy),
      shared.throttle(contract),
      shared.limit(contract.service, policy),
    ];
    shared.close();
    return found;
  });
  return first?.some((each, index) => each === second?.[index]) ?? false;
}

/** Overrides that are refused while a client of the contract is open. */
function lengthen(): void {
  setOverrides({ reason: "r", rules: [{ service: contract.service, responseTimeoutMs: 9000 }] });
}

describe("a client that cannot be opened", () => {
  test("because watching it fails midway leaves nothing open", () => {
    const opened: string[] = [];
    const closed: string[] = [];
    const telemetry: Telemetry = {
      observeMethod({ name }: ObservedMethod) {
        if (opened.length === 2) {
          throw new Error("no more than two");
        }
        opened.push(name);
        return {
          startCall: () => {
            throw new Error("there is no call");
          },
          close: () => closed.push(name),
        };
      },
    };
    const closeChannel = vi.spyOn(Channel.prototype, "close");
    for (let i = 1; i <= 3; i++) {
      expect(() => createServiceClient(contract, { target, telemetry })).toThrow("no more than two");
      expect(closeChannel).toHaveBeenCalledTimes(i);
      expect(closed).toEqual(opened);
      opened.length = 0;
      closed.length = 0;
    }
    expect(isShared()).toBe(false);
    expect(lengthen).not.toThrow();
  });

  test.each<[string, Partial<ClientOptions>, RegExp]>([
    ["target", { target: "dns:///no port:x" }, /no host and port/],
    ["scheme", { target: "https://localhost" }, /no gRPC name/],
    ["TLS material", { tls: { ca: { file: "/nowhere/ca.pem" } } }, /TLS material is unusable/],
    ["authorities", { tls: { ca: "none" } }, /TLS material is unusable: ca holds no certificate in PEM/],
    ["certificate without key", { tls: { cert: "x" } }, /must both be given/],
  ])("because of its %s leaves nothing open", (_, options, why) => {
    const secure = contractOf(
      echoService({ service: "response_timeout_millis: 1000 transport_security { mode: TLS }" }),
    );
    const before = process.getActiveResourcesInfo().length;
    expect(() => createServiceClient(secure, { target, ...options })).toThrow(why);
    expect(process.getActiveResourcesInfo()).toHaveLength(before);
    expect(isShared()).toBe(false);
    expect(lengthen).not.toThrow();
  });

  test("is told from one that is open", async () => {
    const client = createServiceClient(contract, { target });
    expect(isShared()).toBe(true);
    expect(lengthen).toThrow(/longer than/);
    await client[Symbol.asyncDispose]();
    expect(isShared()).toBe(false);
    expect(lengthen).not.toThrow();
  });
});

test("a client whose override cannot be meant is not opened, and nothing is said to be departed from", async () => {
  const override = {
    reason: "",
    transportSecurity: { mode: "plain" },
    methods: [
      { method: "Unary", maxAttempts: 9, responseTimoutMs: 5 },
      "Unary",
      { service: "*", circuitBreaker: "open" },
    ],
    tokenOverPlaintext: true,
  } as unknown as ContractOverride;
  expect(() => createServiceClient(contract, { target, override })).toThrow(
    "the override of echo.v1.Echo is refused: reason must be a text that is not empty; " +
      "transportSecurity.mode must be one of TLS, MUTUAL_TLS, PLAINTEXT; " +
      "methods[0].maxAttempts must be a whole number of attempts, 1 to 5; " +
      "methods[0].responseTimoutMs is unknown; did you mean responseTimeoutMs?; " +
      "methods[1] must be an object, not a string; " +
      "methods[2].service is unknown; known are circuitBreaker, maxAttempts, responseTimeoutMs, maxConcurrentRequests, method; " +
      'methods[2].circuitBreaker must be "closed", which switches it off; setOverrides() holds breakers open; ' +
      "tokenOverPlaintext is unknown; did you mean tokensOverPlaintext?",
  );
  const misspelt = { reason: "r", methods: [{ method: "Unray", maxAttempts: 1 }] };
  expect(() => createServiceClient(contract, { target, override: misspelt })).toThrow(
    "methods[0].method is unknown: echo.v1.Echo has no method Unray; did you mean Unary?",
  );
  expect(await logged.texts()).toEqual([]);
});

describe("a target", () => {
  test.each([
    [
      "localhost:abc",
      '"abc" is no port, and no resolver is registered for a scheme "localhost"; write e.g. "localhost:50051"',
    ],
    ["foo:///x", 'no resolver is registered for the scheme "foo"; write e.g. "dns:///'],
    ["xds:///a", 'no resolver is registered for the scheme "xds"; write e.g. "dns:///'],
    ["ipv4:localhost:1", '"localhost:1" is no IPv4 address and port; write e.g. "ipv4:10.0.0.1:50051'],
    ["ipv4:10.0.0.1:1,10.0.0.2:70000", '"10.0.0.2:70000" is no IPv4 address and port'],
    ["ipv6:10.0.0.1:1", '"10.0.0.1:1" is no IPv6 address and port; write e.g. "ipv6:[fd00::1]:50051'],
  ])("that can never work is refused: %s", (wrong, why) => {
    const close = vi.spyOn(Channel.prototype, "close");
    const open = () => createServiceClient(contract, { target: wrong });
    expect(open).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
    expect(open).toThrow(`the target ${JSON.stringify(wrong)} cannot be used: ${why}`);
    expect(close).toHaveBeenCalledTimes(2);
  });

  test.each([
    "ipv4:10.0.0.1",
    "ipv4:///10.0.0.1:1,10.0.0.2:2",
    "ipv6:[::1]:1,[fd00::2]:2",
    "unix:/run/a",
    "unix:///run/a",
  ])("that grpc-js resolves is not: %s", async (right) => {
    await using client = createServiceClient(contract, { target: right });
    expect(client).toBeDefined();
  });

  test("can be of a scheme that the application has registered with grpc-js", async () => {
    const { registerResolver, statusOrFromValue } = experimental;
    registerResolver(
      "opening-test",
      class implements experimental.Resolver {
        readonly #listener: experimental.ResolverListener;
        readonly #port: number;
        constructor(uri: experimental.GrpcUri, listener: experimental.ResolverListener) {
          this.#listener = listener;
          this.#port = Number(uri.path);
        }
        updateResolution(): void {
          const endpoint = { addresses: [{ host: "127.0.0.1", port: this.#port }] };
          process.nextTick(() => this.#listener(statusOrFromValue([endpoint]), {}, null, ""));
        }
        destroy(): void {}
        static getDefaultAuthority(): string {
          return "orders";
        }
      },
    );
    await using echo = await openEcho({}, { unary: (_, reply) => reply(null, text(echo.service, "hello")) });
    const options = { target: `opening-test:///${echo.server.port}` };
    await using client = createServiceClient(contractOf(echo.service), options) as unknown as EchoClient;
    expect((await client.unary({ text: "" })).text).toBe("hello");
  });
});
