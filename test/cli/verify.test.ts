// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { contractOf, formatServiceConfig } from "@talaria/contract";
import { afterAll, describe, expect, test } from "vitest";
import { compileProtos } from "../support/compile.ts";
import { root } from "../support/run-command.ts";
import { createWorkspace, talariaIn } from "./run-cli.ts";

const text = `syntax = "proto3";
package shop.v1;
import "service_client_config.proto";
message M {}
service Orders {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    retry: {max_attempts: 4}
    retry_throttling: {}
    load_balancing: {outlier_detection: {}}
    health_check: {}
  };
  rpc Get(M) returns (M);
  rpc Watch(M) returns (stream M) {
    option (service_client.method_config).stream_max_duration_millis = 5000;
  }
  rpc Find(M) returns (M) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config) = {
      retry: {max_attempts: 1}
      hedging: {hedging_delay_millis: 50}
    };
  }
}
service Stock {
  option (service_client.client_config).response_timeout_millis = 100;
  rpc Count(M) returns (M);
}
`;
const stack = new DisposableStack();
const workspace = stack.use(createWorkspace({ "shop.proto": text }));
afterAll(() => stack.dispose());
const registry = compileProtos({ "shop.proto": text });
for (const name of ["Orders", "Stock"]) {
  const service = registry.getService(`shop.v1.${name}`);
  workspace.write(`gen/shop/${name}.grpc_service_config.json`, service ? formatServiceConfig(contractOf(service)) : "");
}
const orders = workspace.read("gen/shop/Orders.grpc_service_config.json");
const stock = workspace.read("gen/shop/Stock.grpc_service_config.json");

const build = ["build", "-o", "image.binpb"];
spawnSync(join(root, "node_modules/.bin/buf"), build, { cwd: workspace.folder });

async function verifyOrders(edit: (json: string) => string): Promise<readonly string[]> {
  workspace.write("edited.json", edit(orders));
  const { code, stdout, stderr } = await workspace.talaria("verify", "--image", "image.binpb", "edited.json");
  expect(stderr).toBe("");
  const lines = stdout.trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(code === 0 ? /as the \.proto says$/ : /\d+ differences?$/);
  return lines.slice(0, -1);
}

describe("talaria verify", () => {
  test("finds nothing in what was just emitted", async () => {
    expect(await workspace.talaria("verify", "gen")).toEqual({
      code: 0,
      stdout: "2 files with 4 methods: as the .proto says\n",
      stderr: "",
    });
  });

  test("finds nothing in the files that the repository generates", async () => {
    expect(await talariaIn(root, ["verify", "generated"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("says which value differs, and which line of the .proto says otherwise", async () => {
    expect(await verifyOrders((json) => json.replace('"0.800000000s"', '"0.900000000s"'))).toEqual([
      "edited.json: shop.v1.Orders/Get: timeout is 0.9 s, the .proto says 0.8 s (shop.proto:7:5)",
    ]);
  });

  test.each([
    ["5s", "6s", "Watch: timeout is 6 s, the .proto says 5 s (shop.proto:15:5)"],
    ['"maxAttempts": 4', '"maxAttempts": 3', "Get: retryPolicy is up to 3 attempts on UNAVAILABLE, the .proto says"],
    [
      '"maxBackoff": "1s"',
      '"maxBackoff": "2s"',
      "Get: retryPolicy.maxBackoff is 2 s, the .proto says 1 s (shop.proto:13:3)",
    ],
    [
      '"hedgingDelay": "0.050000000s"',
      '"hedgingDelay": "1s"',
      "Find: hedgingPolicy.hedgingDelay is 1 s, the .proto says 0.05 s",
    ],
    ['"timeout": "5s"', '"timeout": "5s", "waitForReady": true', "Watch: waitForReady is true, the .proto says none"],
    [
      '"timeout": "5s"',
      '"timeout": "5s", "maxRequestMessageBytes": 9',
      "Watch: maxRequestMessageBytes is 9 bytes, the .proto",
    ],
    ['"method": "Watch"', '"method": "Wtch"', "Wtch: the service has no such method. Did you mean Watch?"],
    [
      '"maxTokens": 100',
      '"maxTokens": 10',
      'shop.v1.Orders: retryThrottling is {"maxTokens":10,"tokenRatio":0.1}, the .proto says {"maxTokens":100',
    ],
    ['"serviceName": "shop.v1.Orders"', '"serviceName": "x"', "healthCheckConfig is"],
    ['"maxEjectionPercent": 10', '"maxEjectionPercent": 50', "loadBalancingConfig is"],
    ['"0.800000000s"', '"0.8s"', "grpc-js takes the digits after the point for nanoseconds"],
    ['"backoffMultiplier": 2', '"backoffMultiplier": 0', "must be a number above 0"],
  ])("notices %s become %s", async (from, to, expected) => {
    const lines = await verifyOrders((json) => json.replace(from, to));
    expect(lines.join("\n")).toContain(expected);
  });

  test("notices a method that lost its entry, and one that lost its hedging", async () => {
    const lines = await verifyOrders((json) => {
      const config = JSON.parse(json);
      delete config.methodConfig[2].hedgingPolicy;
      config.methodConfig.splice(0, 1);
      return JSON.stringify(config);
    });
    expect(lines).toEqual([
      "edited.json: shop.v1.Orders/Get: there is no timeout, the .proto says 0.8 s (shop.proto:7:5)",
      "edited.json: shop.v1.Orders/Get: there is no retryPolicy, the .proto says up to 4 attempts on UNAVAILABLE (shop.proto:8:13)",
      "edited.json: shop.v1.Orders/Find: there is no hedgingPolicy, the .proto says up to 2 copies, a further one every 0.05 s (shop.proto:21:17)",
    ]);
  });

  test("says that the contract has an error, and compares nothing with it", async () => {
    using broken = createWorkspace({ "shop.proto": text.replace("millis: 800", "millis: -1") });
    broken.write("Orders.grpc_service_config.json", orders);
    broken.write("Orders.contract.md", "# `shop.v1.Orders`\n");
    const { code, stdout } = await broken.talaria("verify", "Orders.grpc_service_config.json", "Orders.contract.md");
    const why =
      "shop.v1.Orders: the contract in the .proto has an error, so that nothing can be held to it: shop.proto:7:5: response_timeout_millis is -1 ms";
    expect(code).toBe(1);
    expect(stdout).toContain(`Orders.grpc_service_config.json: ${why}`);
    expect(stdout).toContain(`Orders.contract.md: ${why}`);
    expect(stdout).toContain("2 files with 3 methods: 2 differences\n");
  });

  test("takes another way of saying the same for the same", async () => {
    workspace.write("edited.json", stock.replace(/,\s*"method": "Count"/, ""));
    expect(await workspace.talaria("verify", "--image", "image.binpb", "edited.json")).toMatchObject({ code: 0 });
  });

  test("demands a file for each annotated service of a folder", async () => {
    workspace.write("partly/Orders.grpc_service_config.json", orders);
    const { code, stdout } = await workspace.talaria("verify", "partly", "--format", "json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      files: ["partly/Orders.grpc_service_config.json"],
      methods: 3,
      findings: [{ file: "partly", element: "shop.v1.Stock" }],
    });
  });

  test("refuses a file that speaks of no service, or of one that does not exist", async () => {
    workspace.write("edited.json", '{"methodConfig": [{"name": [{"service": "shop.v1.Order"}]}]}');
    const { code, stdout } = await workspace.talaria("verify", "--image", "image.binpb", "edited.json");
    expect(code).toBe(1);
    expect(stdout).toContain(
      "edited.json:1:29: shop.v1.Order: the .proto has no service shop.v1.Order. Did you mean shop.v1.Orders?",
    );
    workspace.write("edited.json", "{}");
    expect(await workspace.talaria("verify", "--image", "image.binpb", "edited.json")).toMatchObject({ code: 1 });
  });

  test.each([
    [["verify"], "needs the files to verify"],
    [["verify", "gone"], "gone does not exist."],
    [["verify", "shop.proto"], "shop.proto is no JSON"],
    [["verify", "--proto", ".", "--image", "x", "gen"], "either --proto or --image"],
    [["verify", "--proto", "gone", "gen"], "gone does not exist."],
  ])("exits with 2 on %j", async (args, message) => {
    const { code, stdout, stderr } = await workspace.talaria(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  test("needs a buf, and says where it looked", async () => {
    const { code, stderr } = await talariaIn(workspace.folder, ["verify", "gen"], { env: { PATH: "" } });
    expect(code).toBe(2);
    expect(stderr).toContain("There is no buf, neither in node_modules/.bin nor on the PATH");
  });
});
