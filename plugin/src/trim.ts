// SPDX-License-Identifier: Apache-2.0
import { concat, eachField, lengthDelimited, type Span, stringField, varintField } from "./wire.ts";

/**
 * Cuts a `FileDescriptorProto` down to what this plugin looks at: its services, the names of everything else (they
 * decide what protoc-gen-es calls a service), and the source information of services. Types of methods and extensions
 * become `google.protobuf.Empty`, so that the file stands without its imports, next to `placeholderFile`.
 */
export function trimFile(descriptor: Uint8Array): Uint8Array {
  return concat(trim(descriptor, { from: 0, to: descriptor.length }, file));
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
  readonly add?: readonly Uint8Array[];
}

type Matcher = (bytes: Uint8Array, payload: Span) => boolean;

const placeholderType = ".google.protobuf.Empty";

/** EnumDescriptorProto: name. */
const enumeration: Plan = { keep: { 1: "all" } };

/** FieldDescriptorProto of an extension: name and number, as `optional int32` extending the placeholder. */
const extension: Plan = {
  keep: { 1: "all", 3: "all" },
  add: [...stringField(2, placeholderType), varintField(4, 1), varintField(5, 5)],
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
  add: [...stringField(2, placeholderType), ...stringField(3, placeholderType)],
};

/** ServiceDescriptorProto: name, methods, options. */
const service: Plan = { keep: { 1: "all", 2: method, 3: "all" } };

/** SourceCodeInfo: the locations that are about services, or the comments at the top of the file. */
const sourceInfo: Plan = { keep: { 1: isAboutServices } };

/** FileDescriptorProto: name, package, types, services, extensions, options, source information, syntax, edition. */
const file: Plan = {
  keep: {
    1: "all",
    2: "all",
    4: message,
    5: enumeration,
    6: service,
    7: extension,
    8: "all",
    9: sourceInfo,
    12: "all",
    14: "all",
  },
};

function trim(bytes: Uint8Array, span: Span, plan: Plan): Uint8Array[] {
  const parts = [...(plan.add ?? [])];
  eachField(bytes, span, (no, payload, tagStart) => {
    const keep = plan.keep[no];
    if (typeof keep === "object") {
      parts.push(...lengthDelimited(no, trim(bytes, payload, keep)));
    } else if (keep === "all" || keep?.(bytes, payload)) {
      parts.push(bytes.subarray(tagStart, payload.to));
    }
  });
  return parts;
}

/** Whether the path of a SourceCodeInfo.Location leads to the package, the syntax, or into a service. */
function isAboutServices(bytes: Uint8Array, location: Span): boolean {
  let matches = false;
  eachField(bytes, location, (no, path) => {
    if (no === 1) {
      const [root, ...rest] = bytes.subarray(path.from, Math.min(path.to, path.from + 2));
      matches ||= root === 6 || ((root === 2 || root === 12) && rest.length === 0);
    }
  });
  return matches;
}
