// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { checkText } from "../check-text.ts";
import { methodRule } from "./method-rule.ts";

/** Says the timeout of each method, for the test to see where and for whom. */
const tellTimeout = methodRule({
  name: "tell-timeout",
  purpose: "Checks where a finding goes.",
  severity: "error",
  check: ({ policy }) => ({ at: ["response_timeout_millis"], message: `${policy.responseTimeoutMs} ms.` }),
});

const messages = async (text: string) =>
  (await checkText([tellTimeout], text)).map(({ line, message }) => `${line}: ${message}`);

const rpcs = (...names: readonly string[]) =>
  names.map((name) => `  rpc ${name}(Request) returns (Response);\n`).join("");

describe("methodRule()", () => {
  it("reports once what methods inherit, and names them when not all do", async () => {
    const text = `service S {
  option (service_client.client_config).response_timeout_millis = 8;
${rpcs("A", "B")}  rpc C(Request) returns (Response) {
    option (service_client.method_config).response_timeout_millis = 9;
  }
}
`;
    expect(await messages(text)).toEqual(["2: 8 ms. This concerns A, B. (TELL_TIMEOUT)", "6: 9 ms. (TELL_TIMEOUT)"]);
  });

  it("names nobody when all methods inherit, and at most five otherwise", async () => {
    const option = "option (service_client.client_config).response_timeout_millis = 8;";
    expect(await messages(`service S {\n${option}\n${rpcs("A", "B")}}`)).toEqual(["2: 8 ms. (TELL_TIMEOUT)"]);
    const own =
      "rpc Z(Request) returns (Response) { option (service_client.method_config).response_timeout_millis = 9; }";
    const many = await messages(`service S {\n${option}\n${rpcs("A", "B", "C", "D", "E", "F", "G")}${own}\n}`);
    expect(many[0]).toBe("2: 8 ms. This concerns A, B, C, D, E and 2 more methods. (TELL_TIMEOUT)");
  });

  it("reports at the service what nothing sets", async () => {
    expect(await messages(`\nservice S {\n${rpcs("A")}}`)).toEqual(["2: undefined ms. (TELL_TIMEOUT)"]);
  });
});
