// SPDX-License-Identifier: Apache-2.0

/** How messages are written: binary protobuf, or protobuf JSON with the field names of the `.proto`. */
export type Format = "binary" | "json";

/** What a command line asks for. */
export type Command =
  | { readonly kind: "protocol" }
  | { readonly kind: "spec"; readonly format: Format }
  | { readonly kind: "call"; readonly args: readonly string[]; readonly format: Format }
  | { readonly kind: "help" };

/** Raised for a command line that PluginRPC does not know. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/**
 * Reads the arguments of a PluginRPC process. Flags may stand anywhere, and `--format=json` is the same as
 * `--format json`.
 *
 * @throws CommandError naming the argument that is wrong.
 */
export function parseCommand(argv: readonly string[]): Command {
  const args: string[] = [];
  const asked = new Set<string>();
  let format: Format = "binary";
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i] ?? "";
    if (arg === "--format") {
      i += 1;
      format = parseFormat(argv[i]);
    } else if (arg.startsWith("--format=")) {
      format = parseFormat(arg.slice("--format=".length));
    } else if (arg === "--protocol" || arg === "--spec") {
      asked.add(arg);
    } else if (arg === "--help" || arg === "-h") {
      return { kind: "help" };
    } else if (arg.startsWith("-")) {
      throw new CommandError(`unknown flag "${arg}": the flags are --protocol, --spec, --format and --help`);
    } else {
      args.push(arg);
    }
  }
  return toCommand(asked, args, format);
}

function toCommand(asked: ReadonlySet<string>, args: readonly string[], format: Format): Command {
  const [flag] = asked;
  if (flag === undefined) {
    if (args.length === 0) {
      throw new CommandError("nothing was asked: --help lists the commands");
    }
    return { kind: "call", args, format };
  }
  if (asked.size > 1) {
    throw new CommandError("--protocol and --spec cannot be asked for together");
  }
  if (args.length > 0) {
    throw new CommandError(`${flag} takes no arguments, got "${args.join(" ")}"`);
  }
  return flag === "--protocol" ? { kind: "protocol" } : { kind: "spec", format };
}

function parseFormat(text: string | undefined): Format {
  if (text === "binary" || text === "json") {
    return text;
  }
  throw new CommandError(`--format must be "binary" or "json", got ${text === undefined ? "nothing" : `"${text}"`}`);
}
