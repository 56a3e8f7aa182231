// SPDX-License-Identifier: Apache-2.0
import { auditCommand } from "./audit/audit-command.ts";
import type { Command, Surroundings } from "./command.ts";
import { doctorCommand } from "./doctor/doctor-command.ts";
import type { ExitCode } from "./exit-code.ts";
import { explainCommand } from "./explain/explain-command.ts";
import { formatCommandHelp, formatHelp } from "./format-help.ts";
import { importCommand } from "./import/import-command.ts";
import { alertsCommand } from "./observability/alerts-command.ts";
import { dashboardCommand } from "./observability/dashboard-command.ts";
import { parseArguments } from "./parse-arguments.ts";
import { didYouMean } from "./suggest.ts";
import { UserError } from "./user-error.ts";
import { verifyCommand } from "./verify/verify-command.ts";
import { version } from "./version.ts";

const commands: readonly Command[] = [
  explainCommand,
  importCommand,
  verifyCommand,
  auditCommand,
  doctorCommand,
  dashboardCommand,
  alertsCommand,
];

/** Runs `talaria` with these arguments and answers with its exit code. What goes wrong is said, never thrown. */
export async function runTalaria(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    return await dispatch(args, surroundings);
  } catch (error) {
    if (surroundings.signal.aborted) {
      surroundings.writeMessage("talaria: interrupted\n");
      return 2;
    }
    if (error instanceof UserError) {
      const { message } = error;
      surroundings.writeMessage(`${message.startsWith("talaria ") ? message : `talaria: ${message}`}\n`);
      return 2;
    }
    throw error;
  }
}

async function dispatch([name, ...rest]: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const [topic] = rest;
    const text =
      topic === undefined || name !== "help" ? formatHelp(commands, version) : formatCommandHelp(find(topic));
    (name === undefined ? surroundings.writeMessage : surroundings.writeOutput)(text);
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "version") {
    surroundings.writeOutput(`${version}\n`);
    return 0;
  }
  const command = find(name);
  const own = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  if (own.includes("--help") || own.includes("-h")) {
    surroundings.writeOutput(formatCommandHelp(command));
    return 0;
  }
  return command.run(parseArguments(command, rest), surroundings);
}

function find(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const names = commands.map((candidate) => candidate.name);
    const what = name.startsWith("-") ? `talaria has no option ${name}.` : `talaria has no command ${name}.`;
    throw new UserError(`${what}${didYouMean(name, names)} Commands: ${names.join(", ")}. See \`talaria --help\`.`);
  }
  return command;
}
