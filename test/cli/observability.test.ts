// SPDX-License-Identifier: Apache-2.0
import { contractOf, formatPrometheusRules, grafanaDashboard, prometheusRules } from "@talaria/contract";
import { afterAll, describe, expect, test } from "vitest";
import { compileService } from "../support/compile.ts";
import { createWorkspace } from "./run-cli.ts";

const text = `syntax = "proto3";
package shop.v1;
import "service_client_config.proto";
message M {}
service Orders {
  option (service_client.client_config) = { response_timeout_millis: 1500 retry: {max_attempts: 4} };
  rpc Get(M) returns (M) { option idempotency_level = NO_SIDE_EFFECTS; }
}
service Silent { rpc Get(M) returns (M); }
service Empty { option (service_client.client_config).response_timeout_millis = 1500; }
`;
const stack = new DisposableStack();
const workspace = stack.use(createWorkspace({ "shop.proto": text }));
afterAll(() => stack.dispose());
const contracts = [contractOf(compileService(text, "shop.v1.Orders"))];

describe("talaria dashboard", () => {
  test("prints the dashboard of the annotated services", async () => {
    const plain = await workspace.talaria("dashboard");
    expect(plain).toEqual({ code: 0, stdout: `${JSON.stringify(grafanaDashboard(contracts), null, 2)}\n`, stderr: "" });
    const { stdout } = await workspace.talaria("dashboard", "--service", "Orders", "--unit-suffixes");
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(grafanaDashboard(contracts, { unitSuffixes: true }))));
    expect(stdout).not.toBe(plain.stdout);
  });
});

describe("talaria alerts", () => {
  test("prints alert rules, as YAML or JSON, with the thresholds that were asked for", async () => {
    const plain = await workspace.talaria("alerts");
    expect(plain).toEqual({ code: 0, stdout: formatPrometheusRules(prometheusRules(contracts)), stderr: "" });
    const thresholds = ["--near-deadline", "0.5", "--retry-share=0.1", "--imbalance", "3"];
    const { stdout } = await workspace.talaria("alerts", "--format", "json", ...thresholds);
    const asked = prometheusRules(contracts, { nearDeadline: 0.5, retryShare: 0.1, imbalance: 3 });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(asked)));
    expect(asked).not.toEqual(prometheusRules(contracts));
  });

  test.each([
    [["alerts", "--near-deadline", "80"], '--near-deadline is "80", and has to be a number above 0, up to 1'],
    [["alerts", "--imbalance", "much"], '--imbalance is "much", and has to be a number above 0'],
    [["alerts", "--service", "Empty"], "There is nothing to watch: no methods in shop.v1.Empty"],
    [["dashboard", "--service", "Empty"], "There is nothing to watch: no methods in shop.v1.Empty"],
    [["alerts", "--service", "Silent"], "There is no service with a contract named Silent"],
    [["dashboard", "--image", "x", "."], "talaria dashboard reads either --image or paths"],
    [["dashboard", "--format", "yaml"], '--format is "yaml", and can be json'],
  ])("exits with 2 on %j", async (args, message) => {
    const { code, stdout, stderr } = await workspace.talaria(...args);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(message)]);
  });

  test("prints nothing for a contract that has an error", async () => {
    using broken = createWorkspace({ "shop.proto": text.replace("max_attempts: 4", "max_attempts: 9") });
    const { code, stdout, stderr } = await broken.talaria("alerts");
    expect([code, stdout, stderr]).toEqual([
      2,
      "",
      expect.stringMatching(/^talaria: A contract has an error: shop\.proto:6/),
    ]);
  });
});
