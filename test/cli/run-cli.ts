// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CommandResult, root, runCommand } from "../support/run-command.ts";

const bufFolder = join(root, "node_modules/.bin");

/** A folder with `.proto` files, and whatever a test puts there. It is removed when its scope ends. */
export interface Workspace extends Disposable {
  readonly folder: string;
  readonly write: (path: string, text: string) => void;
  readonly read: (path: string) => string;
  /** Runs `talaria` there, from source, with the real buf on its PATH. */
  readonly talaria: (...args: readonly string[]) => Promise<CommandResult>;
}

/** Makes a module of these files and the annotation language. */
export function createWorkspace(files: Readonly<Record<string, string>>): Workspace {
  const folder = mkdtempSync(join(tmpdir(), "talaria-cli-"));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write("service_client_config.proto", readFileSync(join(root, "proto/service_client_config.proto"), "utf8"));
  for (const [path, text] of Object.entries(files)) {
    write(path, text);
  }
  return {
    folder,
    write,
    read: (path) => readFileSync(join(folder, path), "utf8"),
    talaria: (...args) => talariaIn(folder, args),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs `talaria` in a folder, from source. */
export function talariaIn(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<CommandResult> {
  const command = [process.execPath, "--conditions=talaria-source", join(root, "cli/src/main.ts"), ...args];
  const path = `${dirname(process.execPath)}:${bufFolder}:${process.env.PATH}`;
  return runCommand(command, { folder, env: { PATH: path, ...env } });
}
