// SPDX-License-Identifier: Apache-2.0
import type { AnyDesc } from "@bufbuild/protobuf";
import type { SourceCodeInfo, SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt";

/** A place in a `.proto` file. */
export interface Location {
  /** The file's name as imports write it. */
  readonly file: string;
  /** A path in the file's descriptor, as in `google.protobuf.SourceCodeInfo.Location.path`. Empty: the whole file. */
  readonly sourcePath: readonly number[];
}

/** Where a descriptor is declared. */
export function locationOf(desc: AnyDesc): Location {
  return { file: fileNameOf(desc), sourcePath: pathOf(desc) };
}

/**
 * Finds the place that the source information really has: the one asked for, the first one inside it, or the nearest
 * around it. Compilers record only the values of an option that is written as a message literal, not the groups around
 * them; and for a path without a place, buf would print a neighbouring line, silently.
 */
export function createPlaceFinder(info: SourceCodeInfo | undefined): (sourcePath: readonly number[]) => number[] {
  const recorded = new Map<string, SourceCodeInfo_Location>();
  const inside = new Map<string, SourceCodeInfo_Location>();
  for (const location of info?.location ?? []) {
    recorded.set(location.path.join(), location);
    for (let length = location.path.length - 1; length > 0; length--) {
      const around = location.path.slice(0, length).join();
      const first = inside.get(around);
      if (first === undefined || beginsBefore(location, first)) {
        inside.set(around, location);
      }
    }
  }
  return (sourcePath) => {
    for (let length = sourcePath.length; length > 0; length--) {
      const path = sourcePath.slice(0, length).join();
      const place = recorded.get(path) ?? inside.get(path);
      if (place !== undefined) {
        return place.path;
      }
    }
    return [];
  };
}

function beginsBefore(a: SourceCodeInfo_Location, b: SourceCodeInfo_Location): boolean {
  const [lineA = 0, columnA = 0] = a.span;
  const [lineB = 0, columnB = 0] = b.span;
  return lineA < lineB || (lineA === lineB && columnA < columnB);
}

function fileNameOf(desc: AnyDesc): string {
  switch (desc.kind) {
    case "file":
      return desc.proto.name;
    case "field":
    case "oneof":
    case "enum_value":
    case "rpc":
      return desc.parent.file.proto.name;
    default:
      return desc.file.proto.name;
  }
}

// The numbers are those of the fields of google.protobuf.FileDescriptorProto and its parts.
function pathOf(desc: AnyDesc): number[] {
  switch (desc.kind) {
    case "file":
      return [];
    case "message":
      return desc.parent
        ? [...pathOf(desc.parent), 3, desc.parent.proto.nestedType.indexOf(desc.proto)]
        : [4, desc.file.proto.messageType.indexOf(desc.proto)];
    case "enum":
      return desc.parent
        ? [...pathOf(desc.parent), 4, desc.parent.proto.enumType.indexOf(desc.proto)]
        : [5, desc.file.proto.enumType.indexOf(desc.proto)];
    case "extension":
      return desc.parent
        ? [...pathOf(desc.parent), 6, desc.parent.proto.extension.indexOf(desc.proto)]
        : [7, desc.file.proto.extension.indexOf(desc.proto)];
    case "service":
      return [6, desc.file.proto.service.indexOf(desc.proto)];
    case "rpc":
      return [...pathOf(desc.parent), 2, desc.parent.proto.method.indexOf(desc.proto)];
    case "field":
      return [...pathOf(desc.parent), 2, desc.parent.proto.field.indexOf(desc.proto)];
    case "oneof":
      return [...pathOf(desc.parent), 8, desc.parent.proto.oneofDecl.indexOf(desc.proto)];
    case "enum_value":
      return [...pathOf(desc.parent), 2, desc.parent.proto.value.indexOf(desc.proto)];
  }
}
