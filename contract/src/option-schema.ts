// SPDX-License-Identifier: Apache-2.0
import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { MethodClientConfigSchema, ServiceClientConfigSchema } from "./gen/service_client_config_pb.ts";
import { type Limit, limitOf, repeatedDefaultOf } from "./limits.ts";

/** A message of the annotation language, as the walks below need it. */
export interface OptionMessage {
  readonly typeName: string;
  /** In the order of the `.proto`. */
  readonly fields: readonly OptionField[];
  readonly byNumber: ReadonlyMap<number, OptionField>;
}

/** A field of the annotation language. */
export type OptionField = OptionGroup | OptionLeaf;

interface OptionFieldCommon {
  readonly number: number;
  /** As the `.proto` writes it, e.g. `initial_backoff_millis`. */
  readonly name: string;
  /** From the annotation down, e.g. `retry.initial_backoff_millis`. */
  readonly option: string;
  /** The field numbers from the annotation down, e.g. 2, 2. */
  readonly path: readonly number[];
  /** The property of the resolved model, e.g. `initialBackoffMs`. */
  readonly key: string;
}

/** A field that is a message. */
export interface OptionGroup extends OptionFieldCommon {
  readonly kind: "group";
  readonly message: OptionMessage;
  /** A connection fact: it holds, with its defaults, also when nobody sets it. */
  readonly always: boolean;
}

/** A field that is a value or a list of values. */
export interface OptionLeaf extends OptionFieldCommon {
  readonly kind: "leaf";
  readonly type: LeafType;
  readonly repeated: boolean;
  /** The built-in default. Absent: the property is absent. */
  readonly fallback?: OptionValue;
  /** The range of a number. */
  readonly limit?: Limit;
}

/** How a leaf is written on the wire and read into the model. */
export type LeafType =
  | { readonly kind: "bool" | "int32" | "int64" | "double" | "string" }
  | { readonly kind: "enum"; readonly names: ReadonlyMap<number, string> };

/** What a leaf can be. Enum values are their names, times are milliseconds. */
export type OptionValue = boolean | number | string | readonly string[];

const connectionFacts: ReadonlySet<string> = new Set([
  "load_balancing",
  "keepalive",
  "transport_security",
  "connection",
  "name_resolution",
]);

function buildMessage(message: DescMessage, parent?: Pick<OptionField, "option" | "path">): OptionMessage {
  const fields = message.fields.map((field) => buildField(field, parent));
  return { typeName: message.typeName, fields, byNumber: new Map(fields.map((field) => [field.number, field])) };
}

function buildField(field: DescField, parent: Pick<OptionField, "option" | "path"> | undefined): OptionField {
  const option = parent === undefined ? field.name : `${parent.option}.${field.name}`;
  const path = [...(parent?.path ?? []), field.number];
  const common = { number: field.number, name: field.name, option, path, key: keyOf(field.name) };
  if (field.fieldKind === "message") {
    const always = connectionFacts.has(option);
    return { ...common, kind: "group", message: buildMessage(field.message, common), always };
  }
  const repeated = field.fieldKind === "list";
  const type = leafTypeOf(field);
  const fallback = repeated ? repeatedDefaultOf(option) : defaultOf(field, type);
  const limit = limitOf(option);
  return {
    ...common,
    kind: "leaf",
    type,
    repeated,
    ...(fallback === undefined ? {} : { fallback }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function keyOf(name: string): string {
  return name.replace(/_millis$/, "_ms").replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const scalarKinds: ReadonlyMap<ScalarType, Exclude<LeafType["kind"], "enum">> = new Map([
  [ScalarType.BOOL, "bool"],
  [ScalarType.INT32, "int32"],
  [ScalarType.INT64, "int64"],
  [ScalarType.DOUBLE, "double"],
  [ScalarType.STRING, "string"],
] as const);

function leafTypeOf(field: DescField): LeafType {
  if (field.enum !== undefined) {
    return { kind: "enum", names: enumNames(field.enum) };
  }
  const kind = field.scalar === undefined ? undefined : scalarKinds.get(field.scalar);
  if (kind === undefined) {
    throw new TypeError(`${field.toString()} has a type that option-schema.ts does not know yet`);
  }
  return { kind };
}

function enumNames(desc: DescEnum): ReadonlyMap<number, string> {
  return new Map(desc.values.map((value) => [value.number, value.name]));
}

function defaultOf(field: DescField, type: LeafType): OptionValue | undefined {
  const value = field.fieldKind === "scalar" || field.fieldKind === "enum" ? field.getDefaultValue() : undefined;
  switch (typeof value) {
    case "bigint":
      return Number(value);
    case "number":
      return type.kind === "enum" ? type.names.get(value) : value;
    case "boolean":
    case "string":
      return value;
    default:
      return undefined;
  }
}

/** The options of a service. */
export const serviceOptions: OptionMessage = buildMessage(ServiceClientConfigSchema);

/** The options of a method. */
export const methodOptions: OptionMessage = buildMessage(MethodClientConfigSchema);

/** The options that only a service has: they concern what its methods share. */
export const contractOptions: readonly OptionField[] = serviceOptions.fields.filter(
  (field) => !methodOptions.byNumber.has(field.number),
);

/** Every option of a service or a method, by its name from the annotation down. */
export const optionsByName: ReadonlyMap<string, OptionField> = new Map(
  [...fieldsWithin(serviceOptions), ...fieldsWithin(methodOptions)].map((field) => [field.option, field]),
);

function fieldsWithin(message: OptionMessage): readonly OptionField[] {
  return message.fields.flatMap((field) => (field.kind === "leaf" ? [field] : [field, ...fieldsWithin(field.message)]));
}
