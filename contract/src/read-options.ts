// SPDX-License-Identifier: Apache-2.0
import type { UnknownField } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import type { OptionField, OptionLeaf, OptionMessage, OptionValue } from "./option-schema.ts";
import {
  createWireCursor,
  readDouble,
  readExtent,
  readTag,
  readText,
  readVarint,
  skipValue,
  type WireCursor,
} from "./wire-cursor.ts";

/** What an annotation sets, by the names of the `.proto`; a message that is set is there even when it is empty. */
export type DeclaredOptions = Map<string, OptionValue | DeclaredOptions>;

/** Something in an annotation that cannot be read. */
export interface ReadProblem {
  readonly code: "malformed-option" | "unknown-option";
  /** The option it is in; empty for the annotation itself. */
  readonly option: string;
  /** From the annotation down to the place, as field numbers and list indices. */
  readonly path: readonly number[];
  readonly message: string;
}

/** The field number of both annotations. */
export const annotationNumber = 999_999;

/** The first field number that belongs to organisations. */
const firstForeignNumber = 1000;

/**
 * Reads an annotation from the unknown fields of an options message. Undefined when it is not there. What cannot be
 * read becomes a problem, and is left out.
 *
 * It reads the wire itself, because a general decoder takes a wrong wire type at its word and an unknown enum number
 * for an absent field.
 */
export function readOptions(
  unknown: readonly UnknownField[] | undefined,
  message: OptionMessage,
  problems: ReadProblem[],
): DeclaredOptions | undefined {
  let declared: DeclaredOptions | undefined;
  for (const { no, wireType, data } of unknown ?? []) {
    if (no !== annotationNumber) {
      continue;
    }
    declared ??= new Map();
    const scope: Scope = { message, declared, option: "", path: [], problems };
    if (wireType !== WireType.LengthDelimited) {
      scope.problems.push(malformed(scope, `the annotation has wire type ${wireType} instead of 2`));
      continue;
    }
    readMessage(createWireCursor(data), scope);
  }
  return declared;
}

interface Scope {
  readonly message: OptionMessage;
  readonly declared: DeclaredOptions;
  readonly option: string;
  readonly path: readonly number[];
  readonly problems: ReadProblem[];
}

function malformed(at: Pick<Scope, "option" | "path">, detail: string): ReadProblem {
  return {
    code: "malformed-option",
    option: at.option,
    path: at.path,
    message:
      `The bytes of ${at.option === "" ? "this annotation" : at.option} cannot be read (${detail}). ` +
      "The descriptor is damaged, or field 999999 belongs to another option. Compile the .proto again against the " +
      "service_client_config.proto of this package.",
  };
}

/** Reads a message with its length in front. What is wrong inside it is wrong in it alone: what follows is read on. */
function readMessage(cursor: WireCursor, scope: Scope): void {
  const outerEnd = cursor.end;
  try {
    cursor.end = readExtent(cursor);
    readFields(cursor, scope);
  } catch (error) {
    scope.problems.push(malformed(scope, error instanceof Error ? error.message : String(error)));
  }
  cursor.pos = cursor.end;
  cursor.end = outerEnd;
}

function readFields(cursor: WireCursor, scope: Scope): void {
  while (cursor.pos < cursor.end) {
    const tag = readTag(cursor);
    const number = tag >>> 3;
    const field = scope.message.byNumber.get(number);
    if (field !== undefined) {
      readField(cursor, tag, field, scope);
      continue;
    }
    skipValue(cursor, tag);
    if (number < firstForeignNumber) {
      scope.problems.push(unknownField(number, scope));
    }
  }
}

function unknownField(number: number, scope: Scope): ReadProblem {
  return {
    code: "unknown-option",
    option: scope.option,
    path: [...scope.path, number],
    message:
      `Field ${number} of ${scope.message.typeName} is set, but this version does not know it, so it would be ignored. ` +
      "Update the @talaria packages to the version whose service_client_config.proto you import. " +
      `Additions of your own take numbers from ${firstForeignNumber}.`,
  };
}

function readField(cursor: WireCursor, tag: number, field: OptionField, scope: Scope): void {
  const wireType = tag & 7;
  const packed = field.kind === "leaf" && field.repeated && wireType === WireType.LengthDelimited;
  const expected = wireTypeOf(field);
  if (wireType !== expected && !packed) {
    skipValue(cursor, tag);
    scope.problems.push(malformed(field, `wire type ${wireType} instead of ${expected}`));
    return;
  }
  if (field.kind === "leaf") {
    (packed && expected !== WireType.LengthDelimited ? readPacked : readLeaf)(cursor, field, scope);
    return;
  }
  const known = scope.declared.get(field.name);
  const declared: DeclaredOptions = known instanceof Map ? known : new Map();
  scope.declared.set(field.name, declared);
  const { option, path, message } = field;
  readMessage(cursor, { option, path, message, declared, problems: scope.problems });
}

function wireTypeOf(field: OptionField): WireType {
  if (field.kind === "group" || field.type.kind === "string") {
    return WireType.LengthDelimited;
  }
  return field.type.kind === "double" ? WireType.Bit64 : WireType.Varint;
}

/** A list in one field. Its last value ends where the list does. */
function readPacked(cursor: WireCursor, field: OptionLeaf, scope: Scope): void {
  const outerEnd = cursor.end;
  try {
    cursor.end = readExtent(cursor);
    while (cursor.pos < cursor.end) {
      readLeaf(cursor, field, scope);
    }
  } finally {
    cursor.end = outerEnd;
  }
}

function readLeaf(cursor: WireCursor, field: OptionLeaf, scope: Scope): void {
  const value = readValue(cursor, field, scope);
  if (value === undefined) {
    return;
  }
  const known = scope.declared.get(field.name);
  const list = Array.isArray(known) ? known : [];
  scope.declared.set(field.name, field.repeated ? [...list, String(value)] : value);
}

const minInt32 = -(2 ** 31);
const maxInt32 = 2 ** 31 - 1;

function readValue(cursor: WireCursor, field: OptionLeaf, scope: Scope): boolean | number | string | undefined {
  switch (field.type.kind) {
    case "bool":
      return readVarint(cursor) !== 0;
    case "string":
      return readText(cursor);
    case "double":
      return readDouble(cursor);
    case "int64":
      return readVarint(cursor);
    case "int32":
    case "enum": {
      const number = readVarint(cursor);
      if (number < minInt32 || number > maxInt32) {
        scope.problems.push(malformed(field, `${number} does not fit in 32 bits`));
        return undefined;
      }
      return field.type.kind === "enum" ? enumValue(number, field.type.names, field, scope) : number;
    }
  }
}

function enumValue(
  number: number,
  names: ReadonlyMap<number, string>,
  field: OptionLeaf,
  scope: Scope,
): string | undefined {
  const name = names.get(number);
  if (name === undefined) {
    scope.problems.push({
      code: "unknown-option",
      option: field.option,
      path: field.path,
      message:
        `${field.option} has the value ${number}, which this version does not know, so it would be ignored. ` +
        `It knows ${[...names.values()].join(", ")}. ` +
        "Update the @talaria packages to the version whose service_client_config.proto you import.",
    });
  }
  return name;
}
