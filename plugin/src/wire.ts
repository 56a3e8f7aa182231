// SPDX-License-Identifier: Apache-2.0

/**
 * Called for each field of a message with its number, where its payload begins and ends, and where its tag begins.
 * Numbers, because an object for every field of a large request is a lot of garbage.
 */
export type FieldVisitor = (no: number, from: number, to: number, tagStart: number) => void;

/**
 * Visits the top-level fields of a message in wire format, without decoding any of them. The payload of a
 * length-delimited field excludes its length. The message is the bytes between `from` and `to`, by default all.
 *
 * @throws Error when the bytes are not a message.
 */
export function eachField(bytes: Uint8Array, visit: FieldVisitor, from = 0, to: number = bytes.length): void {
  const cursor = { bytes, pos: from, to };
  while (cursor.pos < to) {
    const tagStart = cursor.pos;
    const tag = readVarint(cursor);
    const wireType = tag & 7;
    if (wireType === END_GROUP) {
      throw new Error(`unexpected end of group at byte ${tagStart}`);
    }
    const payload = skipValue(cursor, wireType);
    visit(tag >>> 3, payload, cursor.pos, tagStart);
  }
}

/** Reads the payload of a string field. */
export function readString(bytes: Uint8Array, from?: number, to?: number): string {
  return utf8.decode(bytes.subarray(from, to));
}

/** Reads a string field of a message; empty when it is not there. */
export function stringAt(bytes: Uint8Array, wanted: number, messageFrom?: number, messageTo?: number): string {
  let value = "";
  const visit: FieldVisitor = (no, from, to) => {
    if (no === wanted) {
      value = readString(bytes, from, to);
    }
  };
  eachField(bytes, visit, messageFrom, messageTo);
  return value;
}

/** Encodes a length-delimited field around the given payload. */
export function lengthDelimited(no: number, payload: readonly Uint8Array[]): Uint8Array[] {
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  return [new Uint8Array([...varint((no << 3) | LENGTH_DELIMITED), ...varint(length)]), ...payload];
}

/** Encodes a string field. */
export function stringField(no: number, value: string): Uint8Array[] {
  return lengthDelimited(no, [utf8Encoder.encode(value)]);
}

/** Encodes a varint field. */
export function varintField(no: number, value: number): Uint8Array {
  return new Uint8Array([...varint(no << 3), ...varint(value)]);
}

/** Joins parts to one. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let pos = 0;
  for (const part of parts) {
    joined.set(part, pos);
    pos += part.length;
  }
  return joined;
}

interface Cursor {
  readonly bytes: Uint8Array;
  readonly to: number;
  pos: number;
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED_32 = 5;

const utf8 = new TextDecoder();
const utf8Encoder = new TextEncoder();

/** Moves behind a value, and answers where its payload begins. */
function skipValue(cursor: Cursor, wireType: number): number {
  const start = cursor.pos;
  switch (wireType) {
    case VARINT:
      readVarint(cursor);
      return start;
    case FIXED_64:
      return skipBytes(cursor, 8);
    case LENGTH_DELIMITED: {
      const length = readVarint(cursor);
      return skipBytes(cursor, length);
    }
    case START_GROUP:
      skipGroup(cursor);
      return start;
    case FIXED_32:
      return skipBytes(cursor, 4);
    default:
      throw new Error(`unknown wire type ${wireType} at byte ${start}`);
  }
}

function skipGroup(cursor: Cursor): void {
  for (;;) {
    const wireType = readVarint(cursor) & 7;
    if (wireType === END_GROUP) {
      return;
    }
    skipValue(cursor, wireType);
  }
}

function skipBytes(cursor: Cursor, length: number): number {
  const start = cursor.pos;
  if (length > cursor.to - start) {
    throw new Error(`truncated at byte ${start}`);
  }
  cursor.pos = start + length;
  return start;
}

/** Reads the low 32 bits of a varint: enough for tags and lengths, and values beyond are only skipped. */
function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = cursor.pos < cursor.to ? cursor.bytes[cursor.pos] : undefined;
    if (byte === undefined) {
      throw new Error(`truncated at byte ${cursor.pos}`);
    }
    cursor.pos++;
    if (shift < 32) {
      value |= (byte & 0x7f) << shift;
    }
    if (byte < 0x80) {
      return value >>> 0;
    }
  }
  throw new Error(`malformed varint before byte ${cursor.pos}`);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}
