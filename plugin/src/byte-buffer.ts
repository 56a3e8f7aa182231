// SPDX-License-Identifier: Apache-2.0

/** Bytes that grow at their end. */
export interface ByteBuffer {
  bytes: Uint8Array;
  length: number;
}

/** Creates an empty buffer. */
export function createByteBuffer(capacity: number): ByteBuffer {
  return { bytes: new Uint8Array(capacity), length: 0 };
}

/** Appends the bytes between `from` and `to`. */
export function append(buffer: ByteBuffer, bytes: Uint8Array, from = 0, to: number = bytes.length): void {
  reserve(buffer, to - from);
  const { bytes: target } = buffer;
  let pos = buffer.length;
  // Most pieces are a few bytes, for which a loop is faster than a view of them.
  for (let index = from; index < to; index++) {
    target[pos++] = bytes[index] ?? 0;
  }
  buffer.length = pos;
}

/** Appends text as UTF-8. */
export function appendText(buffer: ByteBuffer, text: string): void {
  reserve(buffer, text.length * 3);
  buffer.length += utf8.encodeInto(text, buffer.bytes.subarray(buffer.length)).written;
}

const utf8 = new TextEncoder();

/** Appends a length-delimited field, whose content `write` appends. */
export function appendField(buffer: ByteBuffer, no: number, write: () => void): void {
  reserve(buffer, 1 + lengthSize);
  buffer.bytes[buffer.length] = (no << 3) | 2;
  const start = buffer.length + 1 + lengthSize;
  buffer.length = start;
  write();
  let rest = buffer.length - start;
  for (let pos = start - lengthSize; pos < start; pos++) {
    buffer.bytes[pos] = pos === start - 1 ? rest : (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
}

/** A length is not known before its content is there. A varint may be longer than it needs to be. */
const lengthSize = 5;

function reserve(buffer: ByteBuffer, more: number): void {
  const needed = buffer.length + more;
  if (needed > buffer.bytes.length) {
    const grown = new Uint8Array(Math.max(needed, buffer.bytes.length * 2));
    grown.set(buffer.bytes.subarray(0, buffer.length));
    buffer.bytes = grown;
  }
}
