// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { runTalaria, type Surroundings } from "@talaria/cli";
import { type CommandResult, root, runCommand } from "../support/run-command.ts";

const bufFolder = join(root, "node_modules/.bin");

/** A folder with `.proto` files, and whatever a test puts there. It is removed when its scope ends. */
export interface Workspace extends Disposable {
  readonly folder: string;
  readonly write: (path: string, text: string) => void;
  readonly read: (path: string) => string;
  /** Runs `talaria` there, in this process, with the real buf on its PATH. */
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

/** Runs `talaria` in a folder, in this process. */
export async function talariaIn(
  folder: string,
  args: readonly string[],
  overrides: Partial<Surroundings> = {},
): Promise<CommandResult> {
  let [stdout, stderr] = ["", ""];
  const code = await runTalaria(args, {
    ...surroundingsOf(folder),
    writeOutput: (text) => {
      stdout += text;
    },
    writeMessage: (text) => {
      stderr += text;
    },
    ...overrides,
  });
  return { code, stdout, stderr };
}

/** Runs `talaria` in a folder as a process of its own, from source. */
export function spawnTalaria(folder: string, args: readonly string[]): Promise<CommandResult> {
  const command = [process.execPath, "--conditions=talaria-source", mainFile, ...args];
  return runCommand(command, { folder, env: { PATH: pathWithBuf() } });
}

/** The file that starts `talaria`. */
export const mainFile: string = join(root, "cli/src/main.ts");

/** What `runTalaria` needs in a folder; it prints nothing. */
function surroundingsOf(folder: string): Surroundings {
  return {
    folder,
    env: { ...process.env, NO_COLOR: undefined, PATH: pathWithBuf() },
    writeOutput: () => {},
    writeMessage: () => {},
    outputIsTerminal: false,
    messagesAreTerminal: false,
    signal: new AbortController().signal,
  };
}

/** A PATH on which this process's Node.js and the real buf are found first. */
export function pathWithBuf(): string {
  return [dirname(process.execPath), bufFolder, process.env.PATH].join(delimiter);
}
