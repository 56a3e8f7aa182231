// SPDX-License-Identifier: Apache-2.0
import { BinaryReader } from "@bufbuild/protobuf/wire";

/**
 * Copies an encoded message without the fields that are not wanted, and without decoding any.
 *
 * @throws RangeError when the bytes end in the middle of a field.
 */
export function keepFields(bytes: Uint8Array, wanted: (fieldNumber: number) => boolean): Uint8Array {
  const reader = new BinaryReader(bytes);
  const kept: Uint8Array[] = [];
  let length = 0;
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [fieldNumber, wireType] = reader.tag();
    reader.skip(wireType, fieldNumber);
    if (wanted(fieldNumber)) {
      kept.push(bytes.subarray(start, reader.pos));
      length += reader.pos - start;
    }
  }
  const copy = new Uint8Array(length);
  let end = 0;
  for (const field of kept) {
    copy.set(field, end);
    end += field.length;
  }
  return copy;
}
