// SPDX-License-Identifier: Apache-2.0

/** Reads into the given bytes, and answers how many it wrote; 0 at the end. */
export type ReadInto = (free: Uint8Array) => number;

/** Bytes that come one after the other, and need not all be in memory. */
export interface ByteSource {
  /** Whether all bytes were read. */
  atEnd(): boolean;
  /** The next byte. Undefined at the end. */
  next(): number | undefined;
  /**
   * The next bytes. They are good until the source is used again: copy what you keep.
   *
   * @throws Error when there are fewer.
   */
  take(length: number): Uint8Array;
  /**
   * Passes over the next bytes.
   *
   * @throws Error when there are fewer.
   */
  skip(length: number): void;
}

/** The bytes that `readInto` brings. */
export function createByteSource(readInto: ReadInto): ByteSource {
  let buffer = new Uint8Array(64 * 1024);
  let pos = 0;
  let end = 0;
  let passed = 0;
  const truncated = (): Error => new Error(`truncated at byte ${passed + end}`);
  /** Reads until this many bytes are there, as few as they can be. False when the end comes before. */
  const ensure = (length: number): boolean => {
    if (end - pos >= length) {
      return true;
    }
    buffer.copyWithin(0, pos, end);
    passed += pos;
    end -= pos;
    pos = 0;
    while (end < length) {
      if (end === buffer.length) {
        const grown = new Uint8Array(buffer.length * 2);
        grown.set(buffer);
        buffer = grown;
      }
      const count = readInto(buffer.subarray(end));
      if (count === 0) {
        return false;
      }
      end += count;
    }
    return true;
  };
  return {
    atEnd() {
      return !ensure(1);
    },
    next() {
      return ensure(1) ? buffer[pos++] : undefined;
    },
    take(length) {
      if (!ensure(length)) {
        throw truncated();
      }
      pos += length;
      return buffer.subarray(pos - length, pos);
    },
    skip(length) {
      for (let rest = length; rest > 0; ) {
        if (!ensure(1)) {
          throw truncated();
        }
        const part = Math.min(rest, end - pos);
        pos += part;
        rest -= part;
      }
    },
  };
}

/**
 * Reads a varint of at most 32 bits.
 *
 * @throws Error at the end.
 */
export function takeVarint(source: ByteSource): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = source.next();
    if (byte === undefined) {
      throw new Error("truncated varint");
    }
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      return value >>> 0;
    }
  }
  throw new Error("varint of more than 32 bits");
}

/**
 * Passes over a varint of any length.
 *
 * @throws Error at the end.
 */
export function skipVarint(source: ByteSource): void {
  for (let byte = source.next(); byte === undefined || byte >= 0x80; byte = source.next()) {
    if (byte === undefined) {
      throw new Error("truncated varint");
    }
  }
}

/** The given bytes as a source. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  let pos = 0;
  return createByteSource((free) => {
    const part = bytes.subarray(pos, pos + free.length);
    free.set(part);
    pos += part.length;
    return part.length;
  });
}
