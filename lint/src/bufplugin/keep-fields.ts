// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/**
 * Copies an encoded message without the fields that are not wanted, and without decoding any.
 *
 * @throws RangeError when the bytes end in the middle of a field.
 */
export function keepFields(bytes: Uint8Array, wanted: (fieldNumber: number) => boolean): Uint8Array {
  const reader = new BinaryReader(bytes);
  const kept: { readonly start: number; readonly end: number }[] = [];
  let length = 0;
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [fieldNumber, wireType] = reader.tag();
    if (wireType === WireType.LengthDelimited) {
      // By hand: skip() makes an array of what it skips, and a large module has hundreds of thousands of fields.
      const size = reader.uint32();
      reader.pos += size;
      if (reader.pos > reader.len) {
        throw new RangeError("premature end of a message");
      }
    } else {
      reader.skip(wireType, fieldNumber);
    }
    if (wanted(fieldNumber)) {
      kept.push({ start, end: reader.pos });
      length += reader.pos - start;
    }
  }
  const copy = new Uint8Array(length);
  let end = 0;
  for (const field of kept) {
    copy.set(bytes.subarray(field.start, field.end), end);
    end += field.end - field.start;
  }
  return copy;
}
