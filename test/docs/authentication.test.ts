// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contractOf } from "@talaria/contract";
import { expect, test } from "vitest";
import { compileService } from "../support/compile.ts";
import { docBlocks } from "../support/doc-blocks.ts";
import { root, runCommand } from "../support/run-command.ts";

const blocks = docBlocks(readFileSync(join(root, "docs/authentication.md"), "utf8"));

test("the contract of docs/authentication.md demands tokens for its audience", () => {
  const option = blocks.find(({ language }) => language === "proto")?.text ?? "";
  const service = compileService(
    `syntax = "proto3"; package a.v1; import "service_client_config.proto"; message M {}
    service S { ${option} rpc Get(M) returns (M); }`,
    "a.v1.S",
  );
  const [method] = contractOf(service).methods;
  expect(method?.authentication).toEqual({ scheme: "BEARER", audience: "orders" });
});

test("the examples of docs/authentication.md compile", async () => {
  const cache = join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "authentication-page-"));
  try {
    const files = blocks.filter(({ language }) => language === "ts");
    expect(files.map(({ name }) => name)).toEqual(["tokens.ts", "serve-grpc.ts", "serve-connect.ts"]);
    for (const { name, text } of files) {
      writeFileSync(join(folder, name), text);
    }
    const settings = { extends: join(root, "tsconfig.json"), include: ["*.ts"], exclude: [] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
    const { stdout } = await runCommand(["tsc", "--noEmit", "-p", folder]);
    // What the examples import is checked elsewhere.
    expect(stdout.split("\n").filter((line) => /^error|authentication-page-.*error/.test(line))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
