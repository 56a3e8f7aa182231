// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { append, appendField, createByteBuffer } from "./byte-buffer.ts";
import { createByteSource, sourceOf, takeVarint } from "./byte-source.ts";
import { concat, eachField, lengthDelimited } from "./wire.ts";

/** A source that brings the given bytes in pieces of the given sizes. */
function inPieces(bytes: Uint8Array, sizes: readonly number[]) {
  let pos = 0;
  let turn = 0;
  return createByteSource((free) => {
    const part = bytes.subarray(pos, pos + Math.min(free.length, sizes[turn++ % sizes.length] ?? 1));
    free.set(part);
    pos += part.length;
    return part.length;
  });
}

describe("createByteSource()", () => {
  test("brings the same bytes however they arrive", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 7 }), sizes, (bytes, pieces) => {
        const source = inPieces(bytes, pieces);
        expect(source.take(3)).toEqual(bytes.slice(0, 3));
        source.skip(2);
        expect(source.next()).toBe(bytes[5]);
        expect(source.take(bytes.length - 6)).toEqual(bytes.slice(6));
        expect(source.atEnd()).toBe(true);
        expect(source.next()).toBeUndefined();
      }),
    );
  });

  test("says where the bytes end too early", () => {
    expect(() => inPieces(new Uint8Array(5), [2]).take(6)).toThrow("truncated at byte 5");
    expect(() => sourceOf(new Uint8Array(5)).skip(6)).toThrow("truncated at byte 5");
  });
});

describe("takeVarint()", () => {
  test.each([
    [[0x00], 0],
    [[0xac, 0x02], 300],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 0xffffffff],
  ])("reads %j as %i", (bytes, value) => {
    expect(takeVarint(sourceOf(new Uint8Array(bytes)))).toBe(value);
  });

  test("refuses what does not end, or is too long", () => {
    expect(() => takeVarint(sourceOf(new Uint8Array([0x80])))).toThrow("truncated varint");
    expect(() => takeVarint(sourceOf(new Uint8Array(6).fill(0x80)))).toThrow("varint of more than 32 bits");
  });
});

describe("appendField()", () => {
  test("writes fields that read as those of lengthDelimited(), at any depth and size", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 15 }), (content, no) => {
        const buffer = createByteBuffer(1);
        appendField(buffer, no, () => appendField(buffer, no, () => append(buffer, content)));
        const payloads: Uint8Array[] = [];
        const read = (bytes: Uint8Array): void => {
          eachField(bytes, (field, from, to) => {
            expect(field).toBe(no);
            payloads.push(bytes.slice(from, to));
          });
        };
        read(buffer.bytes.slice(0, buffer.length));
        read(payloads[0] ?? new Uint8Array());
        expect(payloads[1]).toEqual(content);
        expect(concat(lengthDelimited(no, [content])).length).toBeLessThan(buffer.length);
      }),
    );
  });
});
