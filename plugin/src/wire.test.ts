// SPDX-License-Identifier: Apache-2.0
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, eachField, lengthDelimited, readString, stringField, varintField } from "./wire.ts";

function fieldsOf(bytes: Uint8Array): [number, number[]][] {
  const fields: [number, number[]][] = [];
  eachField(bytes, (no, from, to) => fields.push([no, [...bytes.subarray(from, to)]]));
  return fields;
}

describe("eachField()", () => {
  test("visits fields of every wire type, and skips what is inside", () => {
    const bytes = new BinaryWriter()
      .tag(1, WireType.Varint)
      .int64(-1n)
      .tag(2, WireType.Bit64)
      .fixed64(7n)
      .tag(3, WireType.LengthDelimited)
      .bytes(new Uint8Array([8, 9]))
      .tag(4, WireType.StartGroup)
      .tag(5, WireType.StartGroup)
      .tag(5, WireType.EndGroup)
      .tag(4, WireType.EndGroup)
      .tag(999999, WireType.Bit32)
      .fixed32(1)
      .finish();
    expect(fieldsOf(bytes).map(([no, payload]) => [no, payload.length])).toEqual([
      [1, 10],
      [2, 8],
      [3, 2],
      [4, 3],
      [999999, 4],
    ]);
  });

  test.each([
    ["a length beyond the end", [0x0a, 0x05, 1]],
    ["a varint without an end", [0x08, 0x80]],
    ["an endless varint", [0x08, ...Array(11).fill(0x80)]],
    ["a tag without a value", [0x09]],
    ["an end without a group", [0x0c]],
    ["a group without an end", [0x0b, 0x08, 1]],
    ["a wire type that does not exist", [0x0e]],
  ])("refuses %s", (_, bytes) => {
    expect(() => fieldsOf(new Uint8Array(bytes))).toThrow(/byte \d+/);
  });

  test("never hangs or reads past the end, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          eachField(bytes, (_, from, to) => {
            expect(from).toBeLessThanOrEqual(to);
            expect(to).toBeLessThanOrEqual(bytes.length);
          });
        } catch (error) {
          expect(String(error)).toMatch(/byte \d+$/);
        }
      }),
    );
  });
});

describe("the encoders", () => {
  test("write what the Protobuf runtime writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.string(), fc.nat(), (no, text, number) => {
        const inner = new BinaryWriter().tag(no, WireType.LengthDelimited).string(text).finish();
        expect(concat(stringField(no, text))).toEqual(inner);
        expect(varintField(no, number)).toEqual(new BinaryWriter().tag(no, WireType.Varint).uint32(number).finish());
        expect(concat(lengthDelimited(no, stringField(no, text)))).toEqual(
          new BinaryWriter().tag(no, WireType.LengthDelimited).bytes(inner).finish(),
        );
      }),
    );
  });

  test("readString() reads what stringField() wrote", () => {
    const bytes = concat(stringField(1, "größe"));
    expect(readString(bytes, 2, bytes.length)).toBe("größe");
  });
});
