// SPDX-License-Identifier: Apache-2.0
import { create, createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, SourceCodeInfoSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { createPlaceFinder, locationOf } from "./location.ts";

describe("locationOf()", () => {
  const registry = createFileRegistry(
    create(FileDescriptorSetSchema, {
      file: [
        {
          name: "a.proto",
          syntax: "proto2",
          messageType: [
            { name: "First" },
            {
              name: "Second",
              extensionRange: [{ start: 100, end: 200 }],
              field: [
                { name: "a", number: 1, type: 5, label: 1, oneofIndex: 0 },
                { name: "b", number: 2, type: 5, label: 1 },
              ],
              oneofDecl: [{ name: "o" }],
              nestedType: [{ name: "Third", enumType: [{ name: "Fourth", value: [{ name: "ZERO", number: 0 }] }] }],
              extension: [{ name: "inner", number: 100, type: 5, label: 1, extendee: ".Second" }],
            },
          ],
          enumType: [{ name: "Fifth", value: [{ name: "NULL", number: 0 }] }],
          extension: [{ name: "outer", number: 101, type: 5, label: 1, extendee: ".Second" }],
          service: [{ name: "S" }, { name: "T", method: [{ name: "M", inputType: ".First", outputType: ".First" }] }],
        },
      ],
    }),
  );

  it.each([
    ["message", registry.getMessage("Second"), [4, 1]],
    ["nested message", registry.getMessage("Second.Third"), [4, 1, 3, 0]],
    ["field", registry.getMessage("Second")?.field.b, [4, 1, 2, 1]],
    ["oneof", registry.getMessage("Second")?.oneofs[0], [4, 1, 8, 0]],
    ["nested enum", registry.getEnum("Second.Third.Fourth"), [4, 1, 3, 0, 4, 0]],
    ["enum value", registry.getEnum("Fifth")?.values[0], [5, 0, 2, 0]],
    ["nested extension", registry.getExtension("Second.inner"), [4, 1, 6, 0]],
    ["extension", registry.getExtension("outer"), [7, 0]],
    ["service", registry.getService("T"), [6, 1]],
    ["method", registry.getService("T")?.method.m, [6, 1, 2, 0]],
    ["file", registry.getFile("a.proto"), []],
  ])("finds a %s", (_, desc, sourcePath) => {
    expect(desc && locationOf(desc)).toEqual({ file: "a.proto", sourcePath });
  });
});

describe("createPlaceFinder()", () => {
  const info = create(SourceCodeInfoSchema, {
    location: [
      { path: [], span: [0, 0, 9, 0] },
      { path: [6, 0], span: [1, 0, 9, 0] },
      { path: [6, 0, 3, 50], span: [2, 0, 8, 0] },
      { path: [6, 0, 3, 50, 4, 2], span: [6, 0, 1] },
      { path: [6, 0, 3, 50, 4, 1, 0], span: [5, 0, 1] },
      { path: [6, 0, 3, 50, 4, 1, 1], span: [5, 4, 5] },
    ],
  });
  const find = createPlaceFinder(info);

  it.each([
    ["the place itself", [6, 0, 3, 50, 4, 2], [6, 0, 3, 50, 4, 2]],
    ["the first place inside it", [6, 0, 3, 50, 4], [6, 0, 3, 50, 4, 1, 0]],
    ["the first element of a list that has only one place", [6, 0, 3, 50, 4, 1, 2], [6, 0, 3, 50, 4, 1, 0]],
    ["the nearest place around it", [6, 0, 3, 50, 7, 7], [6, 0, 3, 50]],
    ["the file when nothing is around it", [4, 3], []],
  ])("finds %s", (_, asked, found) => {
    expect(find(asked)).toEqual(found);
  });

  it("finds the file when there is no source information", () => {
    expect(createPlaceFinder(undefined)([6, 0])).toEqual([]);
  });
});
