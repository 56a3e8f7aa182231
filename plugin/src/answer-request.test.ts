// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { compileDescriptors } from "../../test/support/compile.ts";
import { answerRequest } from "./answer-request.ts";
import { sourceOf } from "./byte-source.ts";
import { createPlugin } from "./plugin.ts";
import { createSession } from "./session.ts";

const testdata = fileURLToPath(new URL("../testdata", import.meta.url));

function requestFor(protos: Readonly<Record<string, string>>, parameter = "target=ts"): CodeGeneratorRequest {
  const protoFile: FileDescriptorProto[] = compileDescriptors(protos).file;
  return create(CodeGeneratorRequestSchema, {
    fileToGenerate: protoFile.map(({ name }) => name).filter((name) => name in protos),
    parameter,
    protoFile,
    sourceFileDescriptors: protoFile.filter(({ name }) => name in protos),
  });
}

async function answer(request: CodeGeneratorRequest) {
  const parts: Uint8Array[] = [];
  const bytes = toBinary(CodeGeneratorRequestSchema, request);
  const messages = await answerRequest(sourceOf(bytes), (part) => parts.push(part.slice()));
  return { response: fromBinary(CodeGeneratorResponseSchema, Buffer.concat(parts)), messages };
}

/** Many files, each with one service and the given options of it. */
function manyServices(count: number, options: (index: number) => string): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `s${index}/s.proto`,
      `syntax = "proto3"; package s${index}; import "service_client_config.proto"; service S { ${options(index)} }`,
    ]),
  );
}

const timeout = (millis: number) => `option (service_client.client_config).response_timeout_millis = ${millis};`;

describe("answerRequest()", () => {
  test.each(readdirSync(testdata))("makes of trimmed files what protoplugin makes of whole ones: %s", async (name) => {
    const folder = `${testdata}/${name}`;
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".proto"));
    const protos = Object.fromEntries(paths.map((path) => [path, readFileSync(`${folder}/${path}`, "utf8")]));
    const request = requestFor(protos, "target=ts+js+dts");
    const whole = createPlugin(createSession()).run(request);
    const { response } = await answer(request);
    expect(response.file).toEqual(whole.file);
    expect(response.file.length).toBeGreaterThan(0);
  });

  test("finds every error and collision of a request that is answered in parts", async () => {
    const protos = manyServices(150, (index) => timeout(index === 3 || index === 140 ? -index : 5));
    const { response } = await answer(requestFor(protos));
    expect(response.file.length).toBeLessThan(150);
    expect(response.error.split("\n").map((line) => line.match(/^\S+:\d+:\d+/)?.[0])).toEqual([
      undefined,
      expect.stringMatching(/^s(3|140)\/s\.proto:1:/),
      expect.stringMatching(/^s(3|140)\/s\.proto:1:/),
    ]);
    const flat = Object.fromEntries(
      Object.entries(manyServices(150, () => timeout(5))).map(([path, text]) => [path.replace("/", "_"), text]),
    );
    const collided = await answer(requestFor(flat));
    expect(collided.response.error.match(/would replace/g)).toHaveLength(149);
  });

  test("passes warnings on without failing", async () => {
    const throttling = "option (service_client.client_config).retry_throttling.token_ratio = 0.12345;";
    const { response, messages } = await answer(requestFor(manyServices(1, () => timeout(5) + throttling)));
    expect(messages).toEqual([expect.stringMatching(/^s0\/s\.proto:1:\d+: warning: retry_throttling\.token_ratio/)]);
    expect(response.error).toBe("");
    expect(response.file.map(({ name }) => name)).toEqual(["s0/S.grpc_service_config.json", "s0/s_client.ts"]);
  });

  test("names the first services without a contract, and counts the rest", async () => {
    const { response, messages } = await answer(requestFor(manyServices(5, () => "")));
    expect(response.file).toEqual([]);
    expect(messages).toEqual([expect.stringMatching(/no client for s\d\.S, s\d\.S, s\d\.S and 2 more: /)]);
  });

  test("has nothing to say about files without services", async () => {
    const { response, messages } = await answer(requestFor({ "m.proto": 'syntax = "proto3"; message M {}' }));
    expect({ file: response.file, error: response.error, messages }).toEqual({ file: [], error: "", messages: [] });
  });

  test("takes an option whose bytes are damaged for an error, not for silence", async () => {
    const request = requestFor(manyServices(1, () => timeout(5)));
    for (const { options } of request.protoFile.flatMap(({ service }) => service)) {
      options?.$unknown?.splice(0, 1, { no: 999999, wireType: 0, data: new Uint8Array([1]) });
    }
    const { response } = await answer(request);
    expect(response.error).toContain("cannot be read");
    expect(response.file).toEqual([]);
  });

  test("passes over numbers that a later version of the protocol may add", async () => {
    const request = toBinary(CodeGeneratorRequestSchema, requestFor(manyServices(1, () => timeout(5))));
    const numbers = new BinaryWriter().tag(20, 0).int64(-1).tag(21, 1).fixed64(7).tag(22, 5).fixed32(7).finish();
    const parts: Uint8Array[] = [];
    await answerRequest(sourceOf(Buffer.concat([numbers, request, numbers])), (part) => void parts.push(part.slice()));
    const { error, file } = fromBinary(CodeGeneratorResponseSchema, Buffer.concat(parts));
    expect([error, file.length]).toEqual(["", 2]);
  });

  test("refuses bytes that are not a request", async () => {
    const answerBytes = (...bytes: number[]) => answerRequest(sourceOf(new Uint8Array(bytes)), () => undefined);
    await expect(answerBytes(0x0a, 0x7f)).rejects.toThrow("truncated at byte 2");
    await expect(answerBytes(0x08, 0x01)).rejects.toThrow("field 1 is not length-delimited");
    await expect(answerBytes(0xa0, 0x01, 0xff)).rejects.toThrow("truncated varint");
    await expect(answerBytes(0xa3, 0x01, 0xa4, 0x01)).rejects.toThrow("field 20 is not length-delimited");
    await expect(answerBytes(0x7a, 0x00, 0x0a, 0x00)).rejects.toThrow("field 1 comes after field 15");
  });
});
