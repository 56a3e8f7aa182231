// SPDX-License-Identifier: Apache-2.0
import type { OptionField, OptionValue } from "./option-schema.ts";
import type { DeclaredOptions } from "./read-options.ts";

/** What holds when options have been laid over each other, by the names of the resolved model. */
export type ResolvedOptions = { readonly [key: string]: OptionValue | ResolvedOptions };

/**
 * Lays an annotation over what holds without it, leaf by leaf: groups merge, values replace values, and a list replaces
 * a list. With nothing below, it lies over the built-in defaults. Neither is changed; a group that the annotation does
 * not touch is the same object as before, so that nobody needs to look at it again.
 */
export function overlay(
  fields: readonly OptionField[],
  below: ResolvedOptions | undefined,
  options: DeclaredOptions | undefined,
): ResolvedOptions {
  const resolved: Record<string, OptionValue | ResolvedOptions> = {};
  for (const field of fields) {
    const value = overlayField(field, below, options?.get(field.name));
    if (value !== undefined) {
      resolved[field.key] = value;
    }
  }
  return resolved;
}

function overlayField(
  field: OptionField,
  below: ResolvedOptions | undefined,
  set: OptionValue | DeclaredOptions | undefined,
): OptionValue | ResolvedOptions | undefined {
  if (field.kind === "leaf") {
    return set === undefined || set instanceof Map ? (below === undefined ? field.fallback : below[field.key]) : set;
  }
  const group = below?.[field.key];
  const inner = set instanceof Map ? set : undefined;
  if (inner === undefined && (below !== undefined || !field.always)) {
    return group;
  }
  return overlay(field.message.fields, isGroup(group) ? group : undefined, inner);
}

function isGroup(value: OptionValue | ResolvedOptions | undefined): value is ResolvedOptions {
  return typeof value === "object" && !Array.isArray(value);
}
