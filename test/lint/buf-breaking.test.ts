// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BufRun, bufYaml, buildPackage, createTemporaryFolder, runBuf } from "./run-buf.ts";

const published = createTemporaryFolder();
let plugin = { sh: "", js: "" };

beforeAll(async () => {
  plugin = await buildPackage(published.path);
});

afterAll(() => published[Symbol.dispose]());

const head = `syntax = "proto3";
package shop.v1;
import "service_client_config.proto";
message Empty {}
`;

const before = `${head}
service Orders {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    retry: {max_attempts: 1}
    circuit_breaker: {}
    transport_security: {mode: MUTUAL_TLS}
    required_headers: "x-tenant-id"
  };

  rpc Get(Empty) returns (Empty) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (service_client.method_config).retry.max_attempts = 3;
  }
  rpc Create(Empty) returns (Empty);
}
`;

const after = `${head}
service Orders {
  option (service_client.client_config) = {
    response_timeout_millis: 300
    retry: {max_attempts: 2}
    circuit_breaker: {enabled: false}
    transport_security: {mode: TLS}
  };

  rpc Get(Empty) returns (Empty) {
    option (service_client.method_config).retry.max_attempts = 3;
  }
  rpc Create(Empty) returns (Empty);
}
`;

function breaking(text: string, config: object = { use: ["RELIABILITY"] }, options?: object): BufRun {
  using folder = createTemporaryFolder();
  const yaml = bufYaml(plugin.sh, { breaking: config, ...(options && { options }) });
  folder.write({ "buf.yaml": yaml, "shop.proto": before });
  const built = runBuf(folder, "build", "-o", "before.binpb");
  expect(built.status).toBe(0);
  folder.write({ "shop.proto": text });
  return runBuf(folder, "breaking", "--against", "before.binpb", "--error-format=json");
}

interface BufFinding {
  readonly path: string;
  readonly start_line: number;
  readonly start_column: number;
  readonly type: string;
}

const findings = ({ stdout }: BufRun): string[] =>
  stdout
    .trim()
    .split("\n")
    .map((line): BufFinding => JSON.parse(line))
    .map(({ path, start_line, start_column, type }) => `${path}:${start_line}:${start_column} ${type}`)
    .sort();

describe("buf breaking", () => {
  it("finds each way in which a contract got worse, at the line that did it", () => {
    const run = breaking(after);
    expect([run.status, run.stderr]).toEqual([100, ""]);
    expect(findings(run)).toEqual([
      "shop.proto:10:23 CLIENT_CIRCUIT_BREAKER_REMOVED",
      "shop.proto:11:26 CLIENT_TRANSPORT_SECURITY_WEAKENED",
      "shop.proto:14:3 CLIENT_IDEMPOTENCY_WITHDRAWN",
      "shop.proto:6:1 CLIENT_REQUIRED_HEADER_REMOVED",
      "shop.proto:8:5 CLIENT_RESPONSE_TIMEOUT_SHORTENED",
      "shop.proto:9:13 CLIENT_RETRY_WIDENED",
    ]);
  });

  it("is silent when nothing changed, and when only the numbers of a sound contract did", () => {
    const silent = { status: 0, stdout: "", stderr: "" };
    expect(breaking(before)).toEqual(silent);
    expect(breaking(before.replace("800", "700"))).toEqual(silent);
  });

  it("finds a contract that is gone", () => {
    const run = breaking(
      `${head}service Orders {\n  rpc Get(Empty) returns (Empty);\n  rpc Create(Empty) returns (Empty);\n}\n`,
    );
    expect(findings(run)).toEqual(["shop.proto:5:1 CLIENT_CONFIG_REMOVED"]);
  });

  it("runs by default beside the rules of buf, and not when only those are used", () => {
    expect(findings(breaking(after, {}))).toContain("shop.proto:14:3 CLIENT_IDEMPOTENCY_WITHDRAWN");
    expect(breaking(after, { use: ["FILE"] }).stdout).not.toContain("CLIENT_");
  });

  it.each([
    ["except", { use: ["RELIABILITY"], except: ["CLIENT_RETRY_WIDENED"] }],
    ["ignore_only", { use: ["RELIABILITY"], ignore_only: { CLIENT_RETRY_WIDENED: ["shop.proto"] } }],
  ])("honours %s", (_, config) => {
    const run = breaking(after, config);
    expect(run.status).toBe(100);
    expect(findings(run)).toHaveLength(5);
    expect(run.stdout).not.toContain("CLIENT_RETRY_WIDENED");
  });

  it("takes options, and refuses one that does not fit", () => {
    const use = ["CLIENT_RESPONSE_TIMEOUT_SHORTENED"];
    expect(breaking(after, { use }, { timeout_share_minimum: 0.3 })).toMatchObject({ status: 0, stdout: "" });
    const run = breaking(after, { use }, { timeout_share_minimum: 30 });
    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toContain('option "timeout_share_minimum" is 30; write a number from 0.01 to 1');
  });
});
