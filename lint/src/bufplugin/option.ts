// SPDX-License-Identifier: Apache-2.0
import type { Value } from "./gen/buf/plugin/option/v1/option_pb.ts";
import { RpcError } from "./pluginrpc/rpc-error.ts";

/**
 * An option that users of a plugin can set in `buf.yaml`:
 *
 *     plugins:
 *       - plugin: buf-plugin-example
 *         options:
 *           timeout_max_millis: 60000
 *
 * buf refuses `false`, 0, "" and [] there, so a default should be one of these or something that nobody needs to
 * set to them.
 */
export interface Option<T> {
  /** Its name: lower-case letters and underscores, 3 to 64. */
  readonly key: string;
  /** What it does, in one sentence, for documentation. */
  readonly description: string;
  /** What holds when it is not set. */
  readonly defaultValue: T;
  /** What to write, to follow "write" in a message: `a whole number from 1 to 1000`. */
  readonly expects: string;
  /** The value, or undefined when it does not fit. */
  parse(value: OptionValue): T | undefined;
}

/** A value as buf hands it on. A whole number is a bigint, a number with a fraction is a number. */
export type OptionValue = boolean | bigint | number | string | Uint8Array | readonly OptionValue[];

/** What every kind of option needs. */
export interface OptionInit<T> {
  /** See {@link Option.key}. */
  readonly key: string;
  /** See {@link Option.description}. */
  readonly description: string;
  /** See {@link Option.defaultValue}. */
  readonly defaultValue: T;
}

/** An option that is off until it is set to `true`; buf cannot hand on `false`. */
export function flagOption(init: Omit<OptionInit<boolean>, "defaultValue">): Option<boolean> {
  return {
    ...init,
    defaultValue: false,
    expects: "true, or leave the option out",
    parse: (value) => (value === true ? true : undefined),
  };
}

/** A whole number within bounds, both included. */
export function integerOption(
  init: OptionInit<number> & { readonly minimum: number; readonly maximum: number },
): Option<number> {
  const { minimum, maximum } = init;
  return {
    ...init,
    expects: `a whole number from ${minimum} to ${maximum}`,
    parse: (value) =>
      typeof value === "bigint" && value >= BigInt(minimum) && value <= BigInt(maximum) ? Number(value) : undefined,
  };
}

/** A number, whole or not, within bounds, both included. */
export function numberOption(
  init: OptionInit<number> & { readonly minimum: number; readonly maximum: number },
): Option<number> {
  const { minimum, maximum } = init;
  return {
    ...init,
    expects: `a number from ${minimum} to ${maximum}`,
    parse(value) {
      const number = typeof value === "bigint" ? Number(value) : value;
      return typeof number === "number" && number >= minimum && number <= maximum ? number : undefined;
    },
  };
}

/** One of some words. */
export function choiceOption<T extends string>(
  init: OptionInit<T> & { readonly choices: readonly [T, ...T[]] },
): Option<T> {
  const { choices } = init;
  return {
    ...init,
    expects: `one of ${choices.map((choice) => `"${choice}"`).join(", ")}`,
    parse: (value) => choices.find((choice) => choice === value),
  };
}

/** A list of texts, each of which must match. */
export function textListOption(
  init: OptionInit<readonly string[]> & {
    /** What each text must match. */
    readonly pattern: RegExp;
    /** What the texts are, to follow "a list of": `packages such as "shop.v1"`. */
    readonly items: string;
  },
): Option<readonly string[]> {
  const { pattern, items } = init;
  return {
    ...init,
    expects: `a list of ${items}`,
    parse(value) {
      const texts = Array.isArray(value) ? value.filter((item) => typeof item === "string" && pattern.test(item)) : [];
      return Array.isArray(value) && texts.length === value.length ? texts : undefined;
    },
  };
}

/** The options of one run: what is set, and the defaults for what is not. */
export interface OptionReader {
  /** The value of an option that the plugin declares. */
  get<T>(option: Option<T>): T;
}

/**
 * Reads the options of a request.
 *
 * @throws RpcError INVALID_ARGUMENT naming each option that is unknown or does not fit, and what to write instead.
 */
export function readOptions(
  declared: readonly Option<unknown>[],
  given: readonly { readonly key: string; readonly value?: Value | undefined }[],
): OptionReader {
  const byKey = new Map(declared.map((option) => [option.key, option]));
  const values = new Map<string, unknown>();
  const problems: string[] = [];
  for (const { key, value } of given) {
    const option = byKey.get(key);
    const native = value === undefined ? undefined : toNative(value);
    const parsed = native === undefined ? undefined : option?.parse(native);
    if (option === undefined) {
      problems.push(`unknown option "${key}"; ${describeKeys([...byKey.keys()])}`);
    } else if (parsed === undefined) {
      problems.push(`option "${key}" is ${show(native)}; write ${option.expects}`);
    } else {
      values.set(key, parsed);
    }
  }
  if (problems.length > 0) {
    throw new RpcError("INVALID_ARGUMENT", problems.sort().join("; "));
  }
  return {
    get<T>(option: Option<T>): T {
      if (byKey.get(option.key) !== option) {
        throw new Error(`a rule reads option "${option.key}" without declaring it`);
      }
      // The map holds what this very option parsed, which is a T.
      return values.has(option.key) ? (values.get(option.key) as T) : option.defaultValue;
    },
  };
}

function toNative(value: Value): OptionValue | undefined {
  if (value.type.case !== "listValue") {
    return value.type.value;
  }
  return value.type.value.values.map(toNative).filter((item) => item !== undefined);
}

function show(value: OptionValue | undefined): string {
  if (value === undefined) {
    return "empty";
  }
  if (value instanceof Uint8Array) {
    return "bytes";
  }
  if (typeof value === "object") {
    return `[${value.map(show).join(", ")}]`;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function describeKeys(keys: readonly string[]): string {
  return keys.length === 0 ? "this plugin has no options" : `the options are ${[...keys].sort().join(", ")}`;
}
