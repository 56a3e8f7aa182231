// SPDX-License-Identifier: Apache-2.0
import { Channel } from "@grpc/grpc-js";
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
import { echoService } from "./echo.ts";

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

test("a client whose override cannot be meant is not opened, and nothing is said to be departed from", () => {
  const warning = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  const override = {
    reason: "",
    transportSecurity: { mode: "plain" },
    methods: [{ method: "Unary", maxAttempts: 9, responseTimoutMs: 5 }],
  } as unknown as ContractOverride;
  expect(() => createServiceClient(contract, { target, override })).toThrow(
    "the override of echo.v1.Echo is refused: reason must be a text that is not empty; " +
      "methods[0].maxAttempts must be a whole number of attempts, 1 to 5; " +
      "methods[0].responseTimoutMs is unknown; did you mean responseTimeoutMs?; " +
      "transportSecurity.mode must be one of TLS, MUTUAL_TLS, PLAINTEXT",
  );
  const misspelt = { reason: "r", methods: [{ method: "Unray", maxAttempts: 1 }] };
  expect(() => createServiceClient(contract, { target, override: misspelt })).toThrow(
    "methods[0].method: echo.v1.Echo has no method Unray; did you mean Unary?",
  );
  expect(warning).not.toHaveBeenCalled();
});
