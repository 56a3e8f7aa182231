// SPDX-License-Identifier: Apache-2.0
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { createCheckServer } from "../check-server.ts";
import { exampleSpec } from "../example-spec.ts";
import { ListRulesRequestSchema, ListRulesResponseSchema, RuleType } from "../gen/buf/plugin/check/v1/check_pb.ts";
import { Code, RequestSchema, ResponseSchema, SpecSchema } from "../gen/pluginrpc/v1/pluginrpc_pb.ts";
import { serve } from "./serve.ts";

const server = createCheckServer(exampleSpec);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const encode = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));

async function call(argv: readonly string[], input: Uint8Array = new Uint8Array()): Promise<Uint8Array> {
  return (await serve(server, argv, () => input)).stdout;
}

describe("serve()", () => {
  it("says its protocol version without reading stdin", async () => {
    const { stdout } = await serve(server, ["--protocol"], () => {
      throw new Error("stdin was read");
    });
    expect(text(stdout)).toBe("1\n");
  });

  it("lists its procedures, in both formats", async () => {
    const spec = fromBinary(SpecSchema, await call(["--spec", "--format", "binary"]));
    expect(spec.procedures.map(({ path, args }) => [path, args])).toEqual([
      ["/buf.plugin.check.v1.CheckService/Check", ["check"]],
      ["/buf.plugin.check.v1.CheckService/ListRules", ["list-rules"]],
      ["/buf.plugin.check.v1.CheckService/ListCategories", ["list-categories"]],
      ["/buf.plugin.info.v1.PluginInfoService/GetPluginInfo", ["info"]],
    ]);
    const json = JSON.parse(text(await call(["--spec", "--format=json"])));
    expect(json.procedures[0]).toEqual({ path: "/buf.plugin.check.v1.CheckService/Check", args: ["check"] });
  });

  it("takes the path of a procedure for its args, and no input for an empty request", async () => {
    const response = fromBinary(ResponseSchema, await call(["/buf.plugin.check.v1.CheckService/ListRules"]));
    const rules = response.value && anyUnpack(response.value, ListRulesResponseSchema)?.rules;
    expect(rules).toMatchObject([
      { id: "EXAMPLE_METHOD_LIMIT", categoryIds: ["EXAMPLE"], default: true, type: RuleType.LINT, deprecated: false },
      { id: "EXAMPLE_METHOD_KEPT", type: RuleType.BREAKING },
    ]);
  });

  it("lists page by page", async () => {
    const list = async (init: MessageInitShape<typeof ListRulesRequestSchema>) => {
      const value = anyPack(ListRulesRequestSchema, create(ListRulesRequestSchema, init));
      const input = toBinary(RequestSchema, create(RequestSchema, { value }));
      const response = fromBinary(ResponseSchema, await call(["list-rules"], input));
      return response.value && anyUnpack(response.value, ListRulesResponseSchema);
    };
    const first = await list({ pageSize: 1 });
    const second = await list({ pageSize: 1, pageToken: first?.nextPageToken ?? "" });
    expect([first, second].map((page) => page?.rules.map(({ id }) => id))).toEqual([
      ["EXAMPLE_METHOD_LIMIT"],
      ["EXAMPLE_METHOD_KEPT"],
    ]);
    expect(second?.nextPageToken).toBe("");
  });

  it("speaks JSON with the field names of the .proto", async () => {
    const answer = JSON.parse(text(await call(["info", "--format", "json"])));
    expect(answer.value["@type"]).toBe("type.googleapis.com/buf.plugin.info.v1.GetPluginInfoResponse");
    expect(answer.value.plugin_info.license.spdx_license_id).toBe("Apache-2.0");
  });

  it("checks files that are written as JSON", async () => {
    const method = (name: string) => ({ name, inputType: ".a.B", outputType: ".a.B" });
    const input = encode({
      value: {
        "@type": "type.googleapis.com/buf.plugin.check.v1.CheckRequest",
        file_descriptors: [
          {
            file_descriptor_proto: {
              name: "a.proto",
              package: "a",
              syntax: "proto3",
              messageType: [{ name: "B" }],
              service: [{ name: "S", method: ["One", "Two", "Three"].map(method) }],
            },
          },
        ],
        rule_ids: ["EXAMPLE_METHOD_LIMIT"],
      },
    });
    const answer = JSON.parse(text(await call(["check", "--format=json"], input)));
    expect(answer.value.annotations).toEqual([
      { rule_id: "EXAMPLE_METHOD_LIMIT", message: "S has 3 methods, not 2.", file_location: { file_name: "a.proto" } },
    ]);
  });

  it("reports a failed call inside the response", async () => {
    const unknown = fromBinary(ResponseSchema, await call(["frobnicate"]));
    expect(unknown.error).toMatchObject({ code: Code.UNIMPLEMENTED, message: 'there is no procedure "frobnicate"' });
    const empty = fromBinary(ResponseSchema, await call(["check"]));
    expect(empty.error).toMatchObject({ code: Code.INVALID_ARGUMENT, message: "the request has no files to check" });
    expect(empty.value).toBeUndefined();
  });

  it("refuses a request of another type", async () => {
    const value = anyPack(ListRulesRequestSchema, create(ListRulesRequestSchema));
    const input = toBinary(RequestSchema, create(RequestSchema, { value }));
    const response = fromBinary(ResponseSchema, await call(["check"], input));
    expect(response.error?.message).toMatch(
      /^expected a buf\.plugin\.check\.v1\.CheckRequest, got ".*ListRulesRequest"$/,
    );
  });

  it("throws for a request that it cannot read", async () => {
    await expect(call(["check"], new Uint8Array([0x0a, 0x7f]))).rejects.toThrow(/not a binary pluginrpc\.v1\.Request/);
    await expect(call(["check", "--format=json"], new Uint8Array([0x7b]))).rejects.toThrow(/not a json/);
  });

  it("explains itself on stderr", async () => {
    const { stdout, stderr } = await serve(server, ["--help"], () => new Uint8Array());
    expect(stdout).toHaveLength(0);
    expect(stderr).toContain("- plugin: buf-plugin-example");
  });
});
