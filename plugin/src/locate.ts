// SPDX-License-Identifier: Apache-2.0
import { fromBinary } from "@bufbuild/protobuf";
import { SourceCodeInfoSchema } from "@bufbuild/protobuf/wkt";
import { type Locate, locateInSourceInfo } from "@talaria/contract";

/**
 * Finds places in trimmed files: gives a file its source information back when the first of its places is asked for.
 * The source information that was cut is looked up, and kept, by the names of the files.
 */
export function createLocate(cut: Map<string, Uint8Array>): Locate {
  return (file, sourcePath) => {
    const places = cut.get(file.proto.name);
    if (places !== undefined) {
      cut.delete(file.proto.name);
      file.proto.sourceCodeInfo = fromBinary(SourceCodeInfoSchema, places);
    }
    return locateInSourceInfo(file, sourcePath);
  };
}
