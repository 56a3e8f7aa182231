// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, it } from "vitest";
import { bufYaml, buildPackage, createTemporaryFolder, runBuf } from "./run-buf.ts";

const published = createTemporaryFolder();
let plugin = "";

beforeAll(async () => {
  plugin = (await buildPackage(published.path)).sh;
});

afterAll(() => published[Symbol.dispose]());

const unary = "rpc Get(Message) returns (Message);";
const down = "rpc Watch(Message) returns (stream Message);";
const up = "rpc Upload(stream Message) returns (Message);";
const both = "rpc Chat(stream Message) returns (stream Message);";

it.each([
  ["no method", []],
  ["a unary method", [unary]],
  ["a streamed response", [down]],
  ["a streamed request", [up]],
  ["every kind of method", [unary, down, up, both]],
])("what CLIENT_CONFIG_REQUIRED suggests for a service with %s can be pasted, and then lints clean", (_, methods) => {
  using folder = createTemporaryFolder();
  const use = ["RELIABILITY", "RELIABILITY_STRICT"];
  const lint = (text: string) => {
    folder.write({ "shop.proto": text });
    return runBuf(folder, "lint", "--error-format=json");
  };
  const bare = `syntax = "proto3";\npackage shop.v1;\nmessage Message {}\nservice Orders {\n${methods.join("\n")}\n}\n`;
  folder.write({ "buf.yaml": bufYaml(plugin, { lint: { use } }) });

  const { type, message } = JSON.parse(lint(bare).stdout);
  expect(type).toBe("CLIENT_CONFIG_REQUIRED");
  const [statement = "", , option = ""] = /(import "[^"]+";)(.*)(option \(.* };)/.exec(message)?.slice(1) ?? [];
  const pasted = bare.replace("message", `${statement}\nmessage`).replace("Orders {\n", `Orders {\n  ${option}\n`);
  expect(lint(pasted)).toEqual({ status: 0, stdout: "", stderr: "" });
});

it("what the rules suggest for an empty annotation can be pasted into it, one after the other, and then lints clean", () => {
  using folder = createTemporaryFolder();
  folder.write({ "buf.yaml": bufYaml(plugin, { lint: { use: ["RELIABILITY"] } }) });
  const lint = (options: readonly string[]) => {
    const annotation = `option (service_client.client_config) = {${options.join("\n")}};`;
    folder.write({
      "shop.proto": `syntax = "proto3";\nimport "service_client_config.proto";\nmessage Message {}\nservice Orders {\n${annotation}\n${unary}\n${down}\n}\n`,
    });
    return runBuf(folder, "lint", "--error-format=json");
  };
  const findings = lint([])
    .stdout.trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(findings.map(({ type }) => type).sort()).toEqual([
    "CLIENT_CIRCUIT_BREAKER_REQUIRED",
    "CLIENT_RESPONSE_TIMEOUT_REQUIRED",
    "CLIENT_RESPONSE_TIMEOUT_REQUIRED",
    "CLIENT_RETRY_REQUIRED",
    "CLIENT_STREAM_LIMIT_REQUIRED",
    "CLIENT_TRANSPORT_SECURITY_REQUIRED",
  ]);
  const options = findings.map(({ message }) => /[a-z_]+(: \d+| \{.*?\})/.exec(message)?.[0] ?? "");
  expect(lint([...new Set(options)])).toEqual({ status: 0, stdout: "", stderr: "" });
});
