// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";

/** `buf_extension` of `buf.alpha.image.v1.ImageFile`, and `is_import` in it. */
const bufExtension = 8042;
const isImportField = 1;

/** Says whether a file is in a buf image only because others import it. Other compilers' files never are. */
export function isImport(file: FileDescriptorProto): boolean {
  const extension = file.$unknown?.find(
    ({ no, wireType }) => no === bufExtension && wireType === WireType.LengthDelimited,
  );
  if (extension === undefined) {
    return false;
  }
  const reader = new BinaryReader(new BinaryReader(extension.data).bytes());
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === isImportField && wireType === WireType.Varint) {
      return reader.bool();
    }
    reader.skip(wireType, field);
  }
  return false;
}
