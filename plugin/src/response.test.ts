// SPDX-License-Identifier: Apache-2.0
import { fromBinary, maximumEdition, minimumEdition } from "@bufbuild/protobuf";
import { CodeGeneratorResponse_Feature, CodeGeneratorResponseSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { encodeFiles, encodeVerdict } from "./response.ts";
import { concat } from "./wire.ts";

describe("a response", () => {
  test("has files, and the features and editions that the Protobuf runtime supports", () => {
    const files = [
      { name: "ä.ts", content: "x".repeat(1000) },
      { name: "b.json", content: "" },
    ];
    const response = fromBinary(CodeGeneratorResponseSchema, concat([encodeFiles(files), encodeVerdict()]));
    expect(response.file.map(({ name, content }) => ({ name, content }))).toEqual(files);
    expect(response).toMatchObject({
      error: "",
      supportedFeatures: BigInt(
        CodeGeneratorResponse_Feature.PROTO3_OPTIONAL | CodeGeneratorResponse_Feature.SUPPORTS_EDITIONS,
      ),
      minimumEdition,
      maximumEdition,
    });
  });

  test("has an error", () => {
    const response = fromBinary(CodeGeneratorResponseSchema, encodeVerdict("a\nb"));
    expect(response.error).toBe("a\nb");
    expect(response.file).toEqual([]);
  });
});
