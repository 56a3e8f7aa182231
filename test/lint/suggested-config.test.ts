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
