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
   * The next bytes, as a copy of their own.
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
  const buffer = new Uint8Array(64 * 1024);
  let pos = 0;
  let end = 0;
  let consumed = 0;
  const refill = (): boolean => {
    consumed += end;
    pos = 0;
    end = readInto(buffer);
    return end > 0;
  };
  const atEnd = (): boolean => pos === end && !refill();
  const consume = (length: number, use: (part: Uint8Array) => void): void => {
    for (let rest = length; rest > 0; ) {
      if (atEnd()) {
        throw new Error(`truncated at byte ${consumed}`);
      }
      const part = buffer.subarray(pos, Math.min(end, pos + rest));
      use(part);
      pos += part.length;
      rest -= part.length;
    }
  };
  return {
    atEnd,
    next() {
      return atEnd() ? undefined : buffer[pos++];
    },
    take(length) {
      const taken = new Uint8Array(length);
      let filled = 0;
      consume(length, (part) => {
        taken.set(part, filled);
        filled += part.length;
      });
      return taken;
    },
    skip(length) {
      consume(length, () => undefined);
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
