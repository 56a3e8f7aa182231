// SPDX-License-Identifier: Apache-2.0
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { createFileSet } from "./file-set.ts";
import { FileDescriptorSchema } from "./gen/buf/plugin/descriptor/v1/descriptor_pb.ts";

function file(init: MessageInitShape<typeof FileDescriptorProtoSchema>, isImport = false) {
  const proto = create(FileDescriptorProtoSchema, { syntax: "proto3", ...init });
  return create(FileDescriptorSchema, { fileDescriptorProto: toBinary(FileDescriptorProtoSchema, proto), isImport });
}

const method = { name: "M", inputType: ".b.B.Nested", outputType: ".Bare" };

// As buf sends them: a file before what it imports.
const descriptors = [
  file({
    name: "a.proto",
    package: "a",
    dependency: ["b.proto", "bare.proto"],
    service: [{ name: "A", method: [method] }],
    sourceCodeInfo: { location: [{ path: [6, 0], span: [3, 0, 1] }] },
  }),
  file({ name: "bare.proto", messageType: [{ name: "Bare" }] }, true),
  file(
    {
      name: "b.proto",
      package: "b",
      messageType: [
        { name: "B", nestedType: [{ name: "Nested", field: [{ name: "f", number: 1, type: 9, label: 1 }] }] },
      ],
      service: [{ name: "Imported" }],
    },
    true,
  ),
];

describe("createFileSet()", () => {
  it("has the services of files, not those of imports, with messages by name", () => {
    const { services } = createFileSet(descriptors);
    expect(services.map(({ typeName }) => typeName)).toEqual(["a.A"]);
    const [only] = services[0]?.methods ?? [];
    expect([only?.input.typeName, only?.output.typeName]).toEqual(["b.B.Nested", "Bare"]);
    expect(only?.input.fields).toEqual([]);
  });

  it("gives the same descriptors every time, so that rules can remember what they know of them", () => {
    const set = createFileSet(descriptors);
    expect(set.services[0]).toBe(set.services[0]);
    expect(set.registry).toBe(set.registry);
  });

  it("has everything in its registry, whatever the order of the files", () => {
    const { registry } = createFileSet(descriptors);
    expect(registry.getMessage("b.B.Nested")?.fields.map(({ name }) => name)).toEqual(["f"]);
    expect(registry.getService("b.Imported")).toBeDefined();
  });

  it("keeps source information apart from descriptors", () => {
    const a = createFileSet(descriptors).files.get("a.proto");
    expect(a?.proto.sourceCodeInfo).toBeUndefined();
    expect(a?.sourceInfo?.location.map(({ path }) => path)).toEqual([[6, 0]]);
  });

  it("says which import is missing", () => {
    const set = createFileSet(descriptors.slice(0, 2));
    expect(() => set.registry).toThrow("a.proto imports b.proto, which is missing");
  });

  it("refuses a file that ends in the middle, and one without a name", () => {
    const [whole] = descriptors;
    const half = whole?.fileDescriptorProto.slice(0, -3) ?? new Uint8Array();
    expect(() => createFileSet([create(FileDescriptorSchema, { fileDescriptorProto: half })])).toThrow(RangeError);
    expect(() => createFileSet([create(FileDescriptorSchema)])).toThrow("has no name");
  });
});
