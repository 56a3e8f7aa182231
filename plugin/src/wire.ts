// SPDX-License-Identifier: Apache-2.0

/** A range of bytes. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Called for each field of a message: its number, its payload, and where its tag starts. */
export type FieldVisitor = (no: number, payload: Span, tagStart: number) => void;

/**
 * Visits the top-level fields of a message in wire format, without decoding any of them. The payload of a
 * length-delimited field excludes its length.
 *
 * @throws Error when the bytes are not a message.
 */
export function eachField(bytes: Uint8Array, span: Span, visit: FieldVisitor): void {
  const cursor = { bytes, pos: span.from, to: span.to };
  while (cursor.pos < span.to) {
    const tagStart = cursor.pos;
    const tag = readVarint(cursor);
    const wireType = tag & 7;
    if (wireType === END_GROUP) {
      throw new Error(`unexpected end of group at byte ${tagStart}`);
    }
    visit(tag >>> 3, skipValue(cursor, wireType), tagStart);
  }
}

/** Reads the payload of a string field. */
export function readString(bytes: Uint8Array, { from, to }: Span): string {
  return utf8.decode(bytes.subarray(from, to));
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

function skipValue(cursor: Cursor, wireType: number): Span {
  const start = cursor.pos;
  switch (wireType) {
    case VARINT:
      readVarint(cursor);
      return { from: start, to: cursor.pos };
    case FIXED_64:
      return advance(cursor, 8);
    case LENGTH_DELIMITED: {
      const length = readVarint(cursor);
      return advance(cursor, length);
    }
    case START_GROUP:
      skipGroup(cursor);
      return { from: start, to: cursor.pos };
    case FIXED_32:
      return advance(cursor, 4);
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

function advance(cursor: Cursor, length: number): Span {
  const from = cursor.pos;
  const to = from + length;
  if (to > cursor.to) {
    throw new Error(`truncated at byte ${from}`);
  }
  cursor.pos = to;
  return { from, to };
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
