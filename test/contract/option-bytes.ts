// SPDX-License-Identifier: Apache-2.0
import { create, type DescField, type DescMessage, ScalarType, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { limitOf } from "@talaria/contract";
import fc from "fast-check";

type Fill = (message: ReflectMessage) => void;

/** Which numbers to draw: any that fit in the field, or only those in the option's range. */
export type Draw = "any" | "in range";

/** Annotations of any content that their descriptor allows, as bytes. */
export function optionBytes(desc: DescMessage, draw: Draw = "any"): fc.Arbitrary<Uint8Array> {
  return filler(desc, "", draw).map((fill) => {
    const message = reflect(desc, create(desc));
    fill(message);
    return toBinary(desc, message.message);
  });
}

function filler(desc: DescMessage, parent: string, draw: Draw): fc.Arbitrary<Fill> {
  const fields = desc.fields.map((field) =>
    fc.option(fieldFiller(field, `${parent}${field.name}`, draw), { freq: 2, nil: undefined }),
  );
  return fc.tuple(...fields).map((fills) => (message) => {
    for (const fill of fills) {
      fill?.(message);
    }
  });
}

function fieldFiller(field: DescField, option: string, draw: Draw): fc.Arbitrary<Fill> {
  if (field.fieldKind === "message") {
    return filler(field.message, `${option}.`, draw).map((fill) => (message) => {
      const inner = reflect(field.message);
      fill(inner);
      message.set(field, inner);
    });
  }
  if (field.fieldKind === "list") {
    return fc.array(valueFor(field, option, draw), { maxLength: 4 }).map((values) => (message) => {
      for (const value of values) {
        message.get(field).add(value);
      }
    });
  }
  return valueFor(field, option, draw).map((value) => (message) => {
    message.set(field, value);
  });
}

type Value = bigint | boolean | number | string;

function valueFor(field: DescField, option: string, draw: Draw): fc.Arbitrary<Value> {
  if (field.enum !== undefined) {
    // Value 0 of Code is OK, which no list of failures may have.
    const least = draw === "in range" && field.enum.name === "Code" ? 1 : 0;
    return fc.constantFrom(...field.enum.values.map((value) => value.number).filter((number) => number >= least));
  }
  if (field.scalar === ScalarType.BOOL) {
    return fc.boolean();
  }
  if (field.scalar === ScalarType.STRING) {
    const sound =
      option === "required_headers" ? ["x-tenant-id", "x-region"] : ["orders.shop.example", "{shard}.example"];
    return draw === "in range" ? fc.constantFrom(...sound) : fc.oneof(fc.string(), fc.constantFrom(...sound));
  }
  return draw === "in range" ? numberInRange(field, option) : anyNumber(field);
}

function anyNumber({ scalar }: DescField): fc.Arbitrary<Value> {
  switch (scalar) {
    case ScalarType.INT64:
      return fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
    case ScalarType.INT32:
      return fc.integer();
    default:
      return fc.double();
  }
}

/** Small numbers by preference: a range ends where nobody goes, and most orders hold among them as often as not. */
function numberInRange({ scalar }: DescField, option: string): fc.Arbitrary<Value> {
  const { min = 0, max = 0 } = limitOf(option) ?? {};
  if (scalar === ScalarType.DOUBLE) {
    return fc.integer({ min: 1, max: 1000 }).map((thousandths) => thousandths / 1000);
  }
  const number = fc.oneof(fc.integer({ min, max: Math.min(max, 1_000_000) }), fc.integer({ min, max }));
  return scalar === ScalarType.INT64 ? number.map(BigInt) : number;
}
