// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";
import type { Arguments, Command, OptionSpec } from "./command.ts";
import { didYouMean } from "./suggest.ts";
import { UserError } from "./user-error.ts";

/**
 * Reads what follows a command's name.
 *
 * @throws UserError for an option that the command does not have, or a value that it must have, must not have, or cannot take.
 */
export function parseArguments(command: Command, args: readonly string[]): Arguments {
  const specs = new Map(command.options.map((spec) => [spec.name, spec]));
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(command.options.map(({ name, value }) => [name, { type: typeOf(value) }])),
    // Why: the messages of the strict mode name neither the command nor what it has instead.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const paths: string[] = [];
  const values = new Map<string, string>();
  const flags = new Set<string>();
  for (const token of tokens) {
    if (token.kind === "positional") {
      paths.push(token.value);
    } else if (token.kind === "option") {
      const spec = specs.get(token.name);
      if (spec === undefined) {
        throw unknownOption(command, token.rawName);
      }
      const value = checkValue(command, spec, token.value);
      if (value === undefined) {
        flags.add(spec.name);
      } else {
        values.set(spec.name, value);
      }
    }
  }
  return { paths, values, flags };
}

function typeOf(value: string | undefined): "string" | "boolean" {
  return value === undefined ? "boolean" : "string";
}

function unknownOption(command: Command, rawName: string): UserError {
  const names = [...command.options.map(({ name }) => name), "help", "version"];
  const suggestion = didYouMean(rawName.replace(/^-+/, ""), names, (name) => `--${name}`);
  return new UserError(
    `talaria ${command.name} has no option ${rawName}.${suggestion} See \`talaria ${command.name} --help\`.`,
  );
}

function checkValue(command: Command, spec: OptionSpec, value: string | undefined): string | undefined {
  const { name, value: what, choices } = spec;
  if (what === undefined) {
    if (value !== undefined) {
      throw new UserError(`--${name} takes no value, and was given "${value}".`);
    }
    return undefined;
  }
  if (value === undefined || value === "") {
    throw new UserError(`--${name} needs a value: talaria ${command.name} --${name} ${what}`);
  }
  if (choices !== undefined && !choices.includes(value)) {
    const list = choices.join(", ");
    throw new UserError(`--${name} is "${value}", and can be ${list}.${didYouMean(value, choices)}`);
  }
  return value;
}
