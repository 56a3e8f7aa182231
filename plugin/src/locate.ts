// SPDX-License-Identifier: Apache-2.0
import { create, type DescFile, fromBinary } from "@bufbuild/protobuf";
import { SourceCodeInfoSchema } from "@bufbuild/protobuf/wkt";
import { type Locate, locateInSourceInfo } from "@talaria/contract";
import type { ScannedFile } from "./scan.ts";

/** Finds places in trimmed files: gives a file its source information back when the first of its places is asked for. */
export function createLocate(files: readonly ScannedFile[]): Locate {
  const cut = new Map(files.map(({ name, places }) => [name, places]));
  return (file, sourcePath) => {
    const places = cut.get(file.proto.name);
    if (places !== undefined) {
      cut.delete(file.proto.name);
      restore(file, places);
    }
    return locateInSourceInfo(file, sourcePath);
  };
}

function restore({ proto }: DescFile, places: Uint8Array): void {
  const { location: comments } = proto.sourceCodeInfo ?? create(SourceCodeInfoSchema);
  const { location } = fromBinary(SourceCodeInfoSchema, places);
  proto.sourceCodeInfo = create(SourceCodeInfoSchema, { location: [...comments, ...location] });
}
