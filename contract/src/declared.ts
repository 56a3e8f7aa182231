// SPDX-License-Identifier: Apache-2.0
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { SourceLocation } from "./diagnostic.ts";
import { type Locate, methodPath, servicePath } from "./locate.ts";
import { type OptionLeaf, type OptionMessage, type OptionValue, optionsByName } from "./option-schema.ts";
import { annotationNumber, type DeclaredOptions } from "./read-options.ts";

/** A value that the `.proto` sets. */
export interface DeclaredOption {
  /** As the `.proto` names it from the annotation down, e.g. `retry.max_attempts`. */
  readonly option: string;
  /** The method it is set on. Absent: it is set on the service. */
  readonly method?: DescMethod;
  /** Enum values are their names, times are milliseconds. */
  readonly value: OptionValue;
  /** The line that sets it. It is looked up when it is read. */
  readonly location: SourceLocation;
}

/** Calls back for every leaf that an annotation sets, in the order of the annotation language. */
export function forEachLeaf(
  options: DeclaredOptions | undefined,
  message: OptionMessage,
  visit: (leaf: OptionLeaf, value: OptionValue) => void,
): void {
  if (options === undefined) {
    return;
  }
  let left = options.size;
  for (const field of message.fields) {
    if (left === 0) {
      return;
    }
    const value = options.get(field.name);
    left -= value === undefined ? 0 : 1;
    if (field.kind === "group") {
      forEachLeaf(value instanceof Map ? value : undefined, field.message, visit);
    } else if (value !== undefined && !(value instanceof Map)) {
      visit(field, value);
    }
  }
}

/** What an annotation sets for an option, e.g. `retry.max_attempts`, or for a whole group, e.g. `retry`. */
export function lookUp(
  options: DeclaredOptions | undefined,
  option: string,
): OptionValue | DeclaredOptions | undefined {
  const dot = option.indexOf(".");
  const found = options?.get(dot < 0 ? option : option.slice(0, dot));
  if (dot < 0 || found === undefined) {
    return found;
  }
  return found instanceof Map ? lookUp(found, option.slice(dot + 1)) : undefined;
}

/** The field numbers of an option from the annotation down. Empty for unknown names: then it is the annotation itself. */
export function fieldNumbersOf(option: string): readonly number[] {
  return optionsByName.get(option)?.path ?? [];
}

/** The place of a service, a method, or something in its annotation. */
export function locationOf(
  on: DescService | DescMethod,
  inAnnotation: readonly number[] | undefined,
  locate: Locate,
): SourceLocation {
  const file = on.kind === "rpc" ? on.parent.file : on.file;
  const element = on.kind === "rpc" ? methodPath(on) : servicePath(on);
  const annotation = on.kind === "rpc" ? [4, annotationNumber] : [3, annotationNumber];
  const sourcePath = inAnnotation === undefined ? element : [...element, ...annotation, ...inAnnotation];
  return { file: `${file.name}.proto`, sourcePath, ...locate(file, sourcePath) };
}

/** The full name of a service or method. */
export function fullNameOf(on: DescService | DescMethod): string {
  return on.kind === "rpc" ? `${on.parent.typeName}.${on.name}` : on.typeName;
}
