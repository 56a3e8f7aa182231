// SPDX-License-Identifier: Apache-2.0
import { create, type DescField, type DescMessage, ScalarType, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import fc from "fast-check";

type Fill = (message: ReflectMessage) => void;

/** Annotations of any content that their descriptor allows, as bytes. */
export function optionBytes(desc: DescMessage): fc.Arbitrary<Uint8Array> {
  return filler(desc).map((fill) => {
    const message = reflect(desc, create(desc));
    fill(message);
    return toBinary(desc, message.message);
  });
}

function filler(desc: DescMessage): fc.Arbitrary<Fill> {
  const fields = desc.fields.map((field) => fc.option(fieldFiller(field), { nil: undefined }));
  return fc.tuple(...fields).map((fills) => (message) => {
    for (const fill of fills) {
      fill?.(message);
    }
  });
}

function fieldFiller(field: DescField): fc.Arbitrary<Fill> {
  if (field.fieldKind === "message") {
    return filler(field.message).map((fill) => (message) => {
      const inner = reflect(field.message);
      fill(inner);
      message.set(field, inner);
    });
  }
  if (field.fieldKind === "list") {
    return fc.array(valueFor(field), { maxLength: 4 }).map((values) => (message) => {
      for (const value of values) {
        message.get(field).add(value);
      }
    });
  }
  return valueFor(field).map((value) => (message) => {
    message.set(field, value);
  });
}

function valueFor(field: DescField): fc.Arbitrary<bigint | boolean | number | string> {
  if (field.enum !== undefined) {
    return fc.constantFrom(...field.enum.values.map((value) => value.number));
  }
  switch (field.scalar) {
    case ScalarType.INT64:
      return fc.oneof(fc.bigInt(1n, 100_000n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n));
    case ScalarType.INT32:
      return fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer());
    case ScalarType.DOUBLE:
      return fc.oneof(fc.double({ min: 0.001, max: 1, noNaN: true }), fc.double());
    case ScalarType.BOOL:
      return fc.boolean();
    default:
      return fc.oneof(fc.string(), fc.constantFrom("x-tenant-id", "orders.shop.example"));
  }
}
