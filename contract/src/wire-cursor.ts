// SPDX-License-Identifier: Apache-2.0
import { getTextEncoding, WireType } from "@bufbuild/protobuf/wire";

/**
 * Reads the wire format field by field: within one array, and without an object for what it reads, because a large
 * module has hundreds of thousands of option values.
 */
export interface WireCursor {
  readonly bytes: Uint8Array;
  pos: number;
  /** Where the message that is being read ends. Nothing is read beyond. */
  end: number;
}

/** Begins to read bytes. */
export function createWireCursor(bytes: Uint8Array): WireCursor {
  return { bytes, pos: 0, end: bytes.length };
}

/**
 * Reads a tag: `field number * 8 + wire type`.
 *
 * @throws Error when it is none.
 */
export function readTag(cursor: WireCursor): number {
  const start = cursor.pos;
  const tag = readVarint(cursor);
  if (tag < 8 || tag > 0xffff_ffff || cursor.pos - start > 5) {
    throw new Error("there is no such field number");
  }
  return tag;
}

/**
 * Reads a varint of 64 bits as a signed number; beyond 2^53 it is rounded.
 *
 * @throws Error when it is longer, or ends too early.
 */
export function readVarint(cursor: WireCursor): number {
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (cursor.pos >= cursor.end) {
      throw truncated();
    }
    const byte = cursor.bytes[cursor.pos++] ?? 0;
    const bits = byte & 0x7f;
    if (shift < 28) {
      low |= bits << shift;
    } else if (shift === 28) {
      low |= bits << 28;
      high |= bits >> 4;
    } else {
      high |= bits << (shift - 32);
    }
    if (byte < 0x80) {
      return high * 2 ** 32 + (low >>> 0);
    }
  }
  throw new Error("a varint has more than 64 bits");
}

/** Reads a 64-bit floating point number. */
export function readDouble(cursor: WireCursor): number {
  const start = cursor.pos;
  skipBytes(cursor, 8);
  const { buffer, byteOffset } = cursor.bytes;
  return new DataView(buffer, byteOffset + start, 8).getFloat64(0, true);
}

/**
 * Reads text.
 *
 * @throws Error when it is not UTF-8.
 */
export function readText(cursor: WireCursor): string {
  const end = readExtent(cursor);
  const text = getTextEncoding().decodeUtf8(cursor.bytes.subarray(cursor.pos, end), true);
  cursor.pos = end;
  return text;
}

/** Reads a length, and answers where what it is the length of ends. */
export function readExtent(cursor: WireCursor): number {
  const length = readVarint(cursor);
  if (length < 0 || length > cursor.end - cursor.pos) {
    throw truncated();
  }
  return cursor.pos + length;
}

/** Moves behind a value. */
export function skipValue(cursor: WireCursor, tag: number, depth = 0): void {
  switch (tag & 7) {
    case WireType.Varint:
      readVarint(cursor);
      return;
    case WireType.Bit64:
      skipBytes(cursor, 8);
      return;
    case WireType.LengthDelimited:
      cursor.pos = readExtent(cursor);
      return;
    case WireType.StartGroup:
      skipGroup(cursor, tag, depth);
      return;
    case WireType.Bit32:
      skipBytes(cursor, 4);
      return;
    default:
      throw new Error(`there is no wire type ${tag & 7} here`);
  }
}

const deepestGroup = 100;

function skipGroup(cursor: WireCursor, start: number, depth: number): void {
  if (depth === deepestGroup) {
    throw new Error(`groups are nested more than ${deepestGroup} deep`);
  }
  for (;;) {
    const tag = readTag(cursor);
    if ((tag & 7) === WireType.EndGroup) {
      if (tag >>> 3 !== start >>> 3) {
        throw new Error("a group ends that never began");
      }
      return;
    }
    skipValue(cursor, tag, depth + 1);
  }
}

function skipBytes(cursor: WireCursor, count: number): void {
  if (count > cursor.end - cursor.pos) {
    throw truncated();
  }
  cursor.pos += count;
}

function truncated(): Error {
  return new Error("it ends too early");
}
