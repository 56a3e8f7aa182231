// SPDX-License-Identifier: Apache-2.0
import type { Command, OptionSpec } from "./command.ts";

const commonOptions: readonly OptionSpec[] = [{ name: "help", summary: "Show this text." }];

/** The help of one command. */
export function formatCommandHelp(command: Command): string {
  return [
    `${command.summary}.`,
    "",
    `Usage: talaria ${command.name} ${command.usage}`,
    "",
    ...command.help,
    "",
    "Options:",
    ...optionLines([...command.options, ...commonOptions]),
    "",
  ].join("\n");
}

/** The help of talaria as a whole. */
export function formatHelp(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    `talaria ${version}: client behaviour as part of the gRPC service contract`,
    "",
    "Usage: talaria COMMAND [OPTIONS] [ARGUMENTS]",
    "",
    "Commands:",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}.`),
    "",
    "`talaria COMMAND --help` explains a command, `talaria --version` prints the version.",
    "",
    "Exit codes: 0 all is as it should be; 1 there is something to report; 2 wrong usage, or input that cannot be read.",
    "",
  ].join("\n");
}

function optionLines(options: readonly OptionSpec[]): readonly string[] {
  const heads = options.map(({ name, value }) => `--${name}${value === undefined ? "" : ` ${value}`}`);
  const width = Math.max(...heads.map((head) => head.length));
  return options.map(({ summary }, index) => `  ${(heads[index] ?? "").padEnd(width)}  ${summary}`);
}
