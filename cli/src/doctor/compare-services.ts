// SPDX-License-Identifier: Apache-2.0
import { type DescField, type DescMessage, type DescMethod, type DescService, ScalarType } from "@bufbuild/protobuf";
import { contractPage, inspectService, type PageValue } from "@talaria/contract";
import type { Verdict } from "./check.ts";

/** Something in which a server is not what the `.proto` says. */
export interface Difference {
  /** A problem keeps calls from working; a warning may surprise somebody. */
  readonly verdict: Extract<Verdict, "problem" | "warning">;
  readonly message: string;
}

/** Compares the service that a server says it has with the one that its client was made for. */
export function compareServices(local: DescService, remote: DescService): readonly Difference[] {
  const methods = local.methods.flatMap((method) => compareMethods(method, remote.methods.find(named(method.name))));
  const added = remote.methods.filter(({ name }) => !local.methods.some(named(name)));
  return [
    ...methods,
    ...added.map(({ name }) => warning(`${name}: the server has this method, the .proto does not`)),
    ...compareOptions(local, remote),
  ];
}

function named(name: string): (method: DescMethod) => boolean {
  return (method) => method.name === name;
}

function compareMethods(local: DescMethod, remote: DescMethod | undefined): readonly Difference[] {
  const { name } = local;
  if (remote === undefined) {
    return [problem(`${name}: the server does not have this method; calls fail with UNIMPLEMENTED`)];
  }
  const differences: Difference[] = [];
  if (local.methodKind !== remote.methodKind) {
    differences.push(problem(`${name}: ${kindOf(local)} here, ${kindOf(remote)} on the server`));
  }
  if (local.idempotency !== remote.idempotency) {
    differences.push(warning(`${name}: idempotency_level differs, and with it what may be retried`));
  }
  for (const [what, mine, theirs] of [
    ["request", local.input, remote.input],
    ["response", local.output, remote.output],
  ] as const) {
    if (mine.typeName !== theirs.typeName) {
      differences.push(problem(`${name}: the ${what} is ${mine.typeName} here, ${theirs.typeName} on the server`));
    } else {
      differences.push(...compareMessages(mine, theirs, new Set()).map((each) => problem(`${name}: ${each}`)));
    }
  }
  return differences;
}

function kindOf({ methodKind }: DescMethod): string {
  return methodKind.replace("_", " ");
}

/** Fields that one side cannot read as the other writes them. Fields that only one side knows are how protocols grow. */
function compareMessages(local: DescMessage, remote: DescMessage, seen: Set<string>): readonly string[] {
  if (seen.has(local.typeName)) {
    return [];
  }
  seen.add(local.typeName);
  return local.fields.flatMap((field) => {
    const other = remote.fields.find(({ number }) => number === field.number);
    if (other === undefined) {
      return [];
    }
    if (wireShape(field) !== wireShape(other)) {
      const where = `${local.typeName}.${field.name} = ${field.number}`;
      return [`${where} is ${typeOf(field)} here, ${typeOf(other)} on the server`];
    }
    return field.message !== undefined && other.message !== undefined
      ? compareMessages(field.message, other.message, seen)
      : [];
  });
}

/** Types of one group read each other's bytes (https://protobuf.dev/programming-guides/proto3/#updating). */
const groups: Readonly<Partial<Record<ScalarType, string>>> = {
  [ScalarType.INT32]: "varint",
  [ScalarType.INT64]: "varint",
  [ScalarType.UINT32]: "varint",
  [ScalarType.UINT64]: "varint",
  [ScalarType.BOOL]: "varint",
  [ScalarType.SINT32]: "zigzag",
  [ScalarType.SINT64]: "zigzag",
  [ScalarType.FIXED32]: "fixed32",
  [ScalarType.SFIXED32]: "fixed32",
  [ScalarType.FIXED64]: "fixed64",
  [ScalarType.SFIXED64]: "fixed64",
  [ScalarType.STRING]: "bytes",
  [ScalarType.BYTES]: "bytes",
};

function wireShape(field: DescField): string {
  const one = field.message?.typeName ?? (field.enum === undefined ? scalarShape(field.scalar) : "varint");
  switch (field.fieldKind) {
    case "list":
      return `list ${one}`;
    case "map":
      return `map ${scalarShape(field.mapKey)} ${one}`;
    default:
      return `one ${one}`;
  }
}

function scalarShape(scalar: ScalarType | undefined): string | undefined {
  return scalar === undefined ? undefined : (groups[scalar] ?? ScalarType[scalar]);
}

function typeOf(field: DescField): string {
  const one = field.message?.typeName ?? field.enum?.typeName ?? scalarName(field.scalar);
  switch (field.fieldKind) {
    case "list":
      return `repeated ${one}`;
    case "map":
      return `a map of ${scalarName(field.mapKey)} to ${one}`;
    default:
      return one;
  }
}

function scalarName(scalar: ScalarType | undefined): string {
  return ScalarType[scalar ?? 0]?.toLowerCase() ?? "";
}

/** Compares what both say about clients. */
function compareOptions(local: DescService, remote: DescService): readonly Difference[] {
  const [mine, theirs] = [inspectService(local), inspectService(remote)];
  if (!theirs.annotated) {
    return mine.annotated
      ? [
          warning(
            "the server's descriptor says nothing about clients: it was built before the contract, or leaves options out",
          ),
        ]
      : [];
  }
  const [here, there] = [contractPage(mine), contractPage(theirs)];
  return [
    ...compareValues("", here.values, there.values),
    ...here.methods.flatMap(({ name, values }) =>
      compareValues(`${name}: `, values, there.methods.find((method) => method.name === name)?.values ?? values),
    ),
  ];
}

function compareValues(
  prefix: string,
  mine: readonly PageValue[],
  theirs: readonly PageValue[],
): readonly Difference[] {
  // Why not groups: `retry: {}` and a retry with its defaults written out are the same contract.
  const leaves = [...mine, ...theirs].filter(({ group }) => group === undefined);
  const options = new Set(leaves.map(({ option }) => option));
  return [...options].flatMap((option) => {
    const [here, there] = [mine, theirs].map((values) => sayValue(values.find((value) => value.option === option)));
    return here === there ? [] : [warning(`${prefix}${option} is ${here} here, ${there} on the server`)];
  });
}

function sayValue(value: PageValue | undefined): string {
  if (value === undefined) {
    return "not set";
  }
  const plain = typeof value.value === "object" ? value.value.join(", ") || "none" : String(value.value);
  return value.unit === "" ? plain : `${plain} ${value.unit}`;
}

function problem(message: string): Difference {
  return { verdict: "problem", message };
}

function warning(message: string): Difference {
  return { verdict: "warning", message };
}
