// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** What a command did. */
export interface CommandResult {
  /** Its exit code; 1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command to its end, without a shell and without input. This process's Node.js comes first on the PATH, then the
 * commands of `folder`'s packages.
 *
 * @throws an Error when the command cannot be started.
 */
export async function runCommand(
  [command = "", ...args]: readonly string[],
  { folder = root, env = {} }: { readonly folder?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<CommandResult> {
  const path = [dirname(process.execPath), join(folder, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, PATH: path, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code: code ?? 1, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

/**
 * As {@link runCommand}, for a command that must succeed.
 *
 * @throws an Error with all it printed when it does not.
 */
export async function runOrFail(
  command: readonly string[],
  options: Parameters<typeof runCommand>[1] = {},
): Promise<CommandResult> {
  const result = await runCommand(command, options);
  if (result.code !== 0) {
    throw new Error(`${command.join(" ")} ended with exit code ${result.code}\n${result.stdout}${result.stderr}`);
  }
  return result;
}
