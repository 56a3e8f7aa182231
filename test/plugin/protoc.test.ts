// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  type CodeGeneratorResponse,
  CodeGeneratorResponseSchema,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { answerRequest, sourceOf } from "protoc-gen-talaria";
import { describe, expect, test } from "vitest";
import { compileDescriptors } from "../support/compile.ts";
import { createWorkspace, pluginCommand, readFiles } from "./support.ts";

const orders = (maxAttempts: number) => `syntax = "proto3";
package shop;
import "service_client_config.proto";
// Takes orders.
service Orders {
  option (service_client.client_config) = {
    response_timeout_millis: 800
    retry: {
      max_attempts: ${maxAttempts}
    }
  };
  rpc Get(Order) returns (Order);
}
message Order {}
`;

const parameter = "target=ts,import_extension=ts";

describe("a request as protoc makes it", () => {
  test("is answered as that of buf is", async () => {
    using workspace = createWorkspace({ "orders.proto": orders(3) });
    const { files } = workspace.generate({ alone: true });
    const response = await answerAsProtoc(orders(3));
    expect(Object.fromEntries(response.file.map(({ name, content }) => [name, content]))).toEqual(files);
  });

  test("places an error in an aggregate where the option statement begins", async () => {
    const response = await answerAsProtoc(orders(9));
    expect(response.error).toContain("\norders.proto:6:3: retry.max_attempts is 9 attempts");
    expect(response.file).toEqual([]);
  });

  test("without source information still names the file", async () => {
    const response = await answerAsProtoc(orders(9), (file) => {
      delete file.sourceCodeInfo;
    });
    expect(response.error).toContain("\norders.proto: retry.max_attempts is 9 attempts");
  });
});

const protoc = spawnSync("protoc", ["--version"], { encoding: "utf8" });
const title = protoc.status === 0 ? protoc.stdout.trim() : "SKIPPED: there is no protoc on the PATH";

describe(`plain protoc (${title})`, () => {
  test.skipIf(protoc.status !== 0)("generates what buf generates", () => {
    using workspace = createWorkspace({ "orders.proto": orders(3) });
    const { files } = workspace.generate({ alone: true });
    const launcher = join(workspace.folder, "protoc-gen-talaria");
    writeFileSync(launcher, `#!/bin/sh\nexec ${pluginCommand.join(" ")}\n`, { mode: 0o755 });
    mkdirSync(join(workspace.folder, "out"));
    const { status, stderr } = workspace.run([
      "protoc",
      `--plugin=protoc-gen-talaria=${launcher}`,
      "--talaria_out=out",
      `--talaria_opt=${parameter}`,
      "-Iproto",
      "-Ioptions",
      "orders.proto",
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(readFiles(join(workspace.folder, "out"))).toEqual(files);
  });
});

/** protoc sends its version, and records of an aggregate option only where its statement stands. */
async function answerAsProtoc(
  text: string,
  change: (file: FileDescriptorProto) => void = keepStatementsOnly,
): Promise<CodeGeneratorResponse> {
  const { file: protoFile } = compileDescriptors({ "orders.proto": text });
  protoFile.forEach(change);
  const request = create(CodeGeneratorRequestSchema, {
    fileToGenerate: ["orders.proto"],
    parameter,
    compilerVersion: { major: 5, minor: 29, patch: 3 },
    protoFile,
    sourceFileDescriptors: protoFile.filter(({ name }) => name === "orders.proto"),
  });
  const parts: Uint8Array[] = [];
  await answerRequest(sourceOf(toBinary(CodeGeneratorRequestSchema, request)), (part) => parts.push(part.slice()));
  return fromBinary(CodeGeneratorResponseSchema, Buffer.concat(parts));
}

function keepStatementsOnly({ sourceCodeInfo }: FileDescriptorProto): void {
  const option = 999999;
  if (sourceCodeInfo === undefined) {
    return;
  }
  sourceCodeInfo.location = sourceCodeInfo.location.filter(
    ({ path }) => !path.includes(option) || path.at(-1) === option,
  );
  for (const { path, span } of sourceCodeInfo.location) {
    if (path.at(-1) === option) {
      // buf records the name of the option, protoc the statement from its keyword on.
      span[1] = (span[1] ?? 0) - "option ".length;
    }
  }
}
