// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { compileServices, rpc } from "../../test/contract/services.ts";
import { ContractError } from "./contract-error.ts";
import { bindContract, contractOf } from "./contract-of.ts";
import { inspectService } from "./inspect-service.ts";

const services = compileServices({
  sound: { config: "response_timeout_millis: 80000 retry_throttling {}" },
  broken: { config: "response_timeout_millis: -1 retry { max_attempts: 0 }" },
  renamed: { config: "response_timeout_millis: 800", body: rpc("Fetch") },
  longer: { config: "response_timeout_millis: 800", body: `${rpc("Get")} ${rpc("Put")}` },
  streaming: { config: "", body: rpc("Get", "", { kind: "server_streaming" }) },
});
const { contract } = inspectService(services.sound);

function errorOf(run: () => unknown): ContractError {
  try {
    run();
  } catch (error) {
    if (error instanceof ContractError) {
      return error;
    }
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("contractOf()", () => {
  test("resolves what an inspection resolves, warnings or not", () => {
    expect(contractOf(services.sound)).toEqual(contract);
    expect(inspectService(services.sound).diagnostics).toMatchObject([{ severity: "warning" }]);
  });

  test("throws every error at once", () => {
    const error = errorOf(() => contractOf(services.broken));
    expect(error.diagnostics.map(({ option }) => option)).toEqual(["response_timeout_millis", "retry.max_attempts"]);
    expect(error.name).toBe("ContractError");
    expect(error.message.split("\n")).toEqual([
      "The contract of test.p1.Service cannot be used:",
      expect.stringMatching(/^ {2}case_1\.proto:3:\d+: response_timeout_millis is -1 ms/),
      expect.stringMatching(/^ {2}case_1\.proto:3:\d+: retry\.max_attempts is 0 attempts/),
    ]);
  });
});

describe("bindContract()", () => {
  test("adds the descriptor where nobody sees it who does not ask", () => {
    const bound = bindContract(services.sound, contract);
    expect(bound.descriptor).toBe(services.sound);
    expect(Object.keys(bound)).toEqual(Object.keys(contract));
    expect(JSON.stringify(bound)).toBe(JSON.stringify(contract));
    expect({ ...bound }).toStrictEqual(contract);
  });

  test("leaves the contract as it was", () => {
    const frozen = Object.freeze({ ...contract });
    bindContract(services.sound, frozen);
    expect(frozen).not.toHaveProperty("descriptor");
  });

  test.each([
    ["another service", services.renamed, contract, "it is that of test.p0.Service"],
    [
      "a service whose rpc has been renamed",
      services.renamed,
      { ...contract, service: "test.p2.Service" },
      "where the service has Fetch (unary), it has Get (unary)",
    ],
    [
      "a service that has grown",
      services.longer,
      { ...contract, service: "test.p3.Service" },
      "where the service has Put (unary), it has nothing",
    ],
    [
      "a service that has shrunk",
      services.sound,
      { ...contract, methods: [...contract.methods, ...contract.methods] },
      "the service has no Get (unary)",
    ],
    [
      "a service whose rpc streams now",
      services.streaming,
      { ...contract, service: "test.p4.Service" },
      "where the service has Get (server_streaming), it has Get (unary)",
    ],
  ])("refuses the contract of %s", (_, service, other, because) => {
    const error = errorOf(() => bindContract(service, other));
    expect(error.diagnostics).toMatchObject([{ code: "contract-mismatch", severity: "error" }]);
    expect(error.message).toContain(`${because}. Run the generator again`);
  });
});
