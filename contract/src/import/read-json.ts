// SPDX-License-Identifier: Apache-2.0
import type { ConfigProblem } from "./parsed-service-config.ts";

/** Takes down a problem, and answers undefined, so that a reader can return what it answers. */
export type Report = (severity: ConfigProblem["severity"], code: string, path: string, message: string) => undefined;

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Says whether a JSON value is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of a property. `null` is absent, as in proto JSON. */
export function propertyOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
}

/** The place of a property. */
export function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** Writes a JSON value for a message, shortened. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** An object, undefined when the property is absent, or a problem when it is something else. */
export function readObject(object: JsonObject, name: string, path: string, report: Report): JsonObject | undefined {
  const value = propertyOf(object, name);
  if (value === undefined || isObject(value)) {
    return value;
  }
  return report("error", "wrong-type", join(path, name), `${name} is ${show(value)}. Write an object.`);
}

/** A list, empty when the property is absent, or a problem when it is something else. */
export function readList(object: JsonObject, name: string, path: string, report: Report): readonly unknown[] {
  const value = propertyOf(object, name) ?? [];
  if (Array.isArray(value)) {
    return value;
  }
  report("error", "wrong-type", join(path, name), `${name} is ${show(value)}. Write a list.`);
  return [];
}

/** A text, empty when the property is absent, or a problem when it is something else. */
export function readText(object: JsonObject, name: string, path: string, report: Report): string {
  const value = propertyOf(object, name) ?? "";
  if (typeof value === "string") {
    return value;
  }
  report("error", "wrong-type", join(path, name), `${name} is ${show(value)}. Write a text.`);
  return "";
}

/** Warns of properties that clients pass over: what they say is said to nobody. */
export function reportUnknown(object: JsonObject, known: ReadonlySet<string>, path: string, report: Report): void {
  for (const name of Object.keys(object)) {
    if (!known.has(name)) {
      report(
        "warning",
        "unknown-field",
        join(path, name),
        `Service config has no field ${name} here, and clients pass over what they do not know (gRFC A21), so it says ` +
          "nothing. Remove it, or correct its name.",
      );
    }
  }
}
