// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "../support/run-command.ts";
import { buildPackage, createTemporaryFolder, runBuf, type TemporaryFolder } from "./run-buf.ts";

const annotationLanguage = readFileSync(join(root, "proto/service_client_config.proto"), "utf8");
const published = createTemporaryFolder();
let plugin = "";

beforeAll(async () => {
  plugin = (await buildPackage(published.path)).sh;
});

afterAll(() => published[Symbol.dispose]());

const service = (index: number): string =>
  `syntax = "proto3";\npackage shop.s${index};\nservice S${index} { rpc Get(Empty) returns (Empty); }\nmessage Empty {}\n`;

const annotated = (index: number): string =>
  service(index)
    .replace(";\n", ';\nimport "service_client_config.proto";\n')
    .replace(
      "{ rpc",
      "{ option (service_client.client_config) = { response_timeout_millis: 800 retry { max_attempts: 1 } " +
        "circuit_breaker {} transport_security { mode: TLS } }; rpc",
    );

function configure(folder: TemporaryFolder, ignoreOnly: string): void {
  const head = `version: v2\nmodules:\n  - path: proto\nplugins:\n  - plugin: ${plugin}\n`;
  folder.write({ "buf.yaml": `${head}${ignoreOnly.replace(/^version: .*\n/, "")}` });
}

// The steps of "On an old code base" in lint/README.md, on a module of 50 services that say nothing.
it("an old code base takes a baseline, keeps new services to the rules, and shrinks the baseline", () => {
  using folder = createTemporaryFolder();
  const name = (index: number): string => `proto/shop/s${index}.proto`;
  const indexes = Array.from({ length: 50 }, (_, index) => index);
  folder.write(Object.fromEntries(indexes.map((index) => [name(index), service(index)])));
  folder.write({ "proto/service_client_config.proto": annotationLanguage });
  configure(folder, "lint:\n  use: [RELIABILITY]\n");

  const first = runBuf(folder, "lint");
  expect(first.status).toBe(100);
  expect(first.stdout.trim().split("\n")).toHaveLength(50);

  const baseline = runBuf(folder, "lint", "--error-format=config-ignore-yaml").stdout;
  expect(baseline.match(/CLIENT_CONFIG_REQUIRED:/g)).toHaveLength(1);
  expect(baseline.match(/- shop\/s\d+\.proto/g)).toHaveLength(50);
  // buf prints paths within the module, and reads them from the folder of buf.yaml.
  const withUse = baseline.replace("lint:\n", "lint:\n  use: [RELIABILITY]\n").replaceAll("- shop/", "- proto/shop/");
  configure(folder, withUse);
  expect(runBuf(folder, "lint")).toEqual({ status: 0, stdout: "", stderr: "" });

  folder.write({ [name(50)]: service(50) });
  const grown = runBuf(folder, "lint");
  expect([grown.status, grown.stdout.trim().split("\n").length]).toEqual([100, 1]);
  expect(grown.stdout).toContain("proto/shop/s50.proto:3:1:");

  folder.write({ [name(50)]: annotated(50), [name(7)]: annotated(7) });
  configure(folder, withUse.replace(/ +- proto\/shop\/s7\.proto\n/, ""));
  expect(runBuf(folder, "lint")).toEqual({ status: 0, stdout: "", stderr: "" });
});
