// SPDX-License-Identifier: Apache-2.0
import { append, appendField, type ByteBuffer, createByteBuffer } from "./byte-buffer.ts";
import { concat, eachField, type FieldVisitor, lengthDelimited, stringAt, stringField, varintField } from "./wire.ts";

/** A file, cut down to what this plugin looks at. */
export interface TrimmedFile {
  /**
   * The `FileDescriptorProto` with its services and their comments. Types of methods are `google.protobuf.Empty`, so that
   * the file stands without its imports, next to `placeholderFile`.
   *
   * Types are gone, but for their names where those could decide what protoc-gen-es calls a service: it says
   * `Outer_Inner` for a nested type and `OrderSchema` for the descriptor of a message.
   */
  readonly descriptor: Uint8Array;
  /** The whole `SourceCodeInfo`. Only what is wrong needs a place, so nobody looks into it while all is well. */
  readonly places: Uint8Array;
}

/** Cuts a `FileDescriptorProto` down. */
export function trimFile(descriptor: Uint8Array): TrimmedFile {
  const plan = serviceNames(descriptor).some((name) => /_|Schema$/.test(name)) ? fileWithTypeNames : file;
  output.length = 0;
  trim(descriptor, 0, descriptor.length, plan, output);
  return { descriptor: output.bytes.slice(0, output.length), places: placesOf(descriptor) };
}

const output = createByteBuffer(64 * 1024);

function placesOf(descriptor: Uint8Array): Uint8Array {
  let places = new Uint8Array();
  eachField(descriptor, (no, from, to) => {
    if (no === 9) {
      places = descriptor.slice(from, to);
    }
  });
  return places;
}

function serviceNames(descriptor: Uint8Array): string[] {
  const names: string[] = [];
  eachField(descriptor, (no, from, to) => {
    if (no === 6) {
      names.push(stringAt(descriptor, 1, from, to));
    }
  });
  return names;
}

/** A file that declares the type which trimmed files refer to, as a serialized `FileDescriptorProto`. */
export function placeholderFile(): Uint8Array {
  return concat([
    ...stringField(1, "google/protobuf/empty.proto"),
    ...stringField(2, "google.protobuf"),
    ...lengthDelimited(4, stringField(1, "Empty")),
  ]);
}

/** What to keep of a message, by field number: the field as it is, trimmed by a plan of its own, or if it matches. */
interface Plan {
  readonly keep: Readonly<Record<number, "all" | Plan | Matcher>>;
  /** Fields to write in place of some that are cut. */
  readonly add?: Uint8Array;
}

type Matcher = (bytes: Uint8Array, from: number, to: number) => boolean;

const placeholderType = ".google.protobuf.Empty";

/** EnumDescriptorProto: name. */
const enumeration: Plan = { keep: { 1: "all" } };

/** FieldDescriptorProto of an extension: name and number, as `optional int32` extending the placeholder. */
const extension: Plan = {
  keep: { 1: "all", 3: "all" },
  add: concat([...stringField(2, placeholderType), varintField(4, 1), varintField(5, 5)]),
};

/** DescriptorProto: name, nested types, enums, extensions, options (a map entry takes no name). */
const message: Plan = {
  keep: {
    1: "all",
    get 3() {
      return message;
    },
    4: enumeration,
    6: extension,
    7: "all",
  },
};

/** MethodDescriptorProto: name, options, which sides stream. */
const method: Plan = {
  keep: { 1: "all", 4: "all", 5: "all", 6: "all" },
  add: concat([...stringField(2, placeholderType), ...stringField(3, placeholderType)]),
};

/** ServiceDescriptorProto: name, methods, options. */
const service: Plan = { keep: { 1: "all", 2: method, 3: "all" } };

/** SourceCodeInfo: the comments on services, or at the top of the file. */
const comments: Plan = {
  keep: { 1: (bytes, from, to) => isAboutServices(bytes, from) && hasComment(bytes, from, to) },
};

/** FileDescriptorProto: name, package, services, options, source information, syntax, edition. */
const file: Plan = {
  keep: { 1: "all", 2: "all", 6: service, 8: "all", 9: comments, 12: "all", 14: "all" },
};

/** FileDescriptorProto: as above, with types and extensions. */
const fileWithTypeNames: Plan = { keep: { ...file.keep, 4: message, 5: enumeration, 7: extension } };

function trim(bytes: Uint8Array, messageFrom: number, messageTo: number, plan: Plan, output: ByteBuffer): void {
  if (plan.add !== undefined) {
    append(output, plan.add);
  }
  const visit: FieldVisitor = (no, from, to, tagStart) => {
    const keep = plan.keep[no];
    if (typeof keep === "object") {
      trimField(bytes, no, from, to, keep, output);
    } else if (keep === "all" || keep?.(bytes, from, to)) {
      append(output, bytes, tagStart, to);
    }
  };
  eachField(bytes, visit, messageFrom, messageTo);
}

/** Apart from the visitor, which is called for every place in a file and must not make a closure each time. */
function trimField(bytes: Uint8Array, no: number, from: number, to: number, plan: Plan, output: ByteBuffer): void {
  appendField(output, no, () => trim(bytes, from, to, plan, output));
}

/**
 * Whether the path of a SourceCodeInfo.Location leads to the package, the syntax, or into a service. It looks at no more
 * than the first bytes: the path comes first, its length is one byte, and locations are most of a file.
 */
function isAboutServices(bytes: Uint8Array, from: number): boolean {
  const length = bytes[from + 1];
  const root = bytes[from + 2];
  return bytes[from] === 0x0a && (root === 6 || (length === 1 && (root === 2 || root === 12)));
}

/** Whether a SourceCodeInfo.Location, whose path takes no more than 127 bytes, has more than a path and a span. */
function hasComment(bytes: Uint8Array, from: number, to: number): boolean {
  const span = from + 2 + (bytes[from + 1] ?? 0);
  return span + 2 + (bytes[span + 1] ?? 0) < to;
}
