// SPDX-License-Identifier: Apache-2.0
import { createCheckServer } from "./check-server.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import { serve } from "./pluginrpc/serve.ts";

/** An answer that is always the same. */
export interface FixedAnswer {
  /** The whole command line after the program. */
  readonly args: readonly string[];
  /** What goes to stdout. */
  readonly stdout: Uint8Array;
}

/**
 * The answers that depend on nothing but the spec. buf starts a plugin nine times for one `buf lint`, and eight of them
 * ask these: answered without starting Node (or at least without loading the plugin), they cost next to nothing.
 *
 * @throws an Error when the rules or categories do not fit one page of 250, because then there is no single answer.
 */
export async function fixedAnswers(spec: PluginSpec): Promise<FixedAnswer[]> {
  if (Math.max(spec.rules.length, spec.categories.length) > 250) {
    throw new Error(`${spec.name} has more rules or categories than fit one page of 250`);
  }
  const server = createCheckServer(spec);
  const commands = [
    ["--protocol"],
    ...["--spec", "list-rules", "list-categories"].map((arg) => [arg, "--format", "binary"]),
  ];
  return Promise.all(
    commands.map(async (args) => ({ args, stdout: (await serve(server, args, () => new Uint8Array())).stdout })),
  );
}

/**
 * A CommonJS module with the answers by command line, in base64: `exports.answers = { … };`. Not an ES module, because
 * Node.js has read a CommonJS program before it has loaded what it reads ES modules with.
 */
export function printAnswersModule(answers: readonly FixedAnswer[]): string {
  const entries = answers.map(({ args, stdout }) => {
    return `  ${JSON.stringify(args.join(" "))}: ${JSON.stringify(Buffer.from(stdout).toString("base64"))},\n`;
  });
  return `exports.answers = {\n${entries.join("")}};\n`;
}

/**
 * A POSIX shell script that gives the fixed answers itself and hands everything else to Node. It runs
 * `program`, a path relative to the script's real folder, with `exec`: a child process would survive the script when buf
 * kills it, and keep buf waiting.
 *
 * @param nodeFlags flags for Node, before the program.
 */
export function printPosixLauncher(
  answers: readonly FixedAnswer[],
  program: string,
  nodeFlags: readonly string[] = [],
): string {
  const cases = answers.map(({ args, stdout }) => {
    return `  ${quote(args.join(" "))})\n    printf ${quote(escapeForPrintf(stdout))}\n    exit\n    ;;\n`;
  });
  return `#!/bin/sh
# Made by the build. Answers what is always the same without starting Node, and leaves everything else to it.
case "$*" in
${cases.join("")}esac
self=$0
case $self in
  */*) ;;
  *) self=./$self ;;
esac
while [ -h "$self" ]; do
  link=$(readlink "$self") || exit 1
  case $link in
    /*) self=$link ;;
    *) self=\${self%/*}/$link ;;
  esac
done
exec node ${[...nodeFlags, ""].join(" ")}"\${self%/*}/"${quote(program)} "$@"
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// Octal for all but plain characters; always three digits, so that a digit may follow.
function escapeForPrintf(bytes: Uint8Array): string {
  return [...bytes]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (byte < 0x20 || byte > 0x7e || character === "\\") {
        return `\\${byte.toString(8).padStart(3, "0")}`;
      }
      return character === "%" ? "%%" : character;
    })
    .join("");
}
