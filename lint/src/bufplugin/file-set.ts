// SPDX-License-Identifier: Apache-2.0
import { create, createFileRegistry, type DescService, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type SourceCodeInfo,
} from "@bufbuild/protobuf/wkt";
import { createServices } from "./create-services.ts";
import type { FileDescriptor } from "./gen/buf/plugin/descriptor/v1/descriptor_pb.ts";
import { keepFields } from "./keep-fields.ts";
import { sortFiles } from "./sort-files.ts";

/** Files to check. Nothing is decoded before it is asked for, and nothing twice. */
export interface FileSet {
  /** All files, imports included, by name. */
  readonly files: ReadonlyMap<string, ProtoFile>;
  /**
   * The services that the files declare, not those of imports. The messages of their methods have names but no fields;
   * {@link FileSet.registry} has whole ones. Costs little, however many files there are.
   */
  readonly services: readonly DescService[];
  /** Everything in the files, imports included. Costs about 0.1 ms and 0.1 MB a file. */
  readonly registry: FileRegistry;
}

/** One file to check. */
export interface ProtoFile {
  /** Its name as imports write it. */
  readonly name: string;
  /** Whether it is only here because another file imports it. A finding in such a file helps nobody. */
  readonly isImport: boolean;
  /** Whether it names neither syntax nor edition. */
  readonly isSyntaxUnspecified: boolean;
  /** Which of its dependencies are imported for nothing, as indexes. */
  readonly unusedDependencies: readonly number[];
  /** Its descriptor, without source information. */
  readonly proto: FileDescriptorProto;
  /** Where its parts are. */
  readonly sourceInfo: SourceCodeInfo | undefined;
}

interface LazyFile extends ProtoFile {
  readonly skeleton: FileDescriptorProto;
}

const sourceInfoField = FileDescriptorProtoSchema.field.sourceCodeInfo.number;
const skeletonFields = new Set(
  (["name", "package", "service", "options", "syntax", "edition"] as const).map(
    (field) => FileDescriptorProtoSchema.field[field].number,
  ),
);

/**
 * Opens files as buf hands them over.
 *
 * @throws an Error when one of them cannot be read.
 */
export function createFileSet(descriptors: readonly FileDescriptor[]): FileSet {
  const files = descriptors.map(openFile);
  const services = once(() => createServices(files.filter((file) => !file.isImport).map(({ skeleton }) => skeleton)));
  const registry = once(() => {
    const file = sortFiles(files.map(({ proto }) => proto));
    return createFileRegistry(create(FileDescriptorSetSchema, { file }));
  });
  return {
    files: new Map(files.map((file) => [file.name, file])),
    get services() {
      return services();
    },
    get registry() {
      return registry();
    },
  };
}

function openFile(descriptor: FileDescriptor): LazyFile {
  const bytes = descriptor.fileDescriptorProto;
  const decode = (wanted: (fieldNumber: number) => boolean) =>
    fromBinary(FileDescriptorProtoSchema, keepFields(bytes, wanted));
  const skeleton = decode((fieldNumber) => skeletonFields.has(fieldNumber));
  if (skeleton.name === "") {
    throw new Error("a file of the request has no name");
  }
  const proto = once(() => decode((fieldNumber) => fieldNumber !== sourceInfoField));
  const sourceInfo = once(() => decode((fieldNumber) => fieldNumber === sourceInfoField).sourceCodeInfo);
  return {
    name: skeleton.name,
    isImport: descriptor.isImport,
    isSyntaxUnspecified: descriptor.isSyntaxUnspecified,
    unusedDependencies: descriptor.unusedDependency,
    skeleton,
    get proto() {
      return proto();
    },
    get sourceInfo() {
      return sourceInfo();
    },
  };
}

function once<T>(compute: () => T): () => T {
  let computed: { readonly value: T } | undefined;
  return () => {
    computed ??= { value: compute() };
    return computed.value;
  };
}
