// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { commandsOf, type DocBlock, docBlocks } from "../support/doc-blocks.ts";
import { type CommandResult, root, runCommand, runOrFail } from "../support/run-command.ts";

/** The packages as they are published: the path of each tarball by the name of its package. */
export type PackedPackages = ReadonlyMap<string, string>;

/** A folder outside the repository. */
export interface Consumer extends Disposable {
  readonly folder: string;
  /** Runs a command there; its own packages' commands are on the PATH. */
  run(command: readonly string[], env?: NodeJS.ProcessEnv): Promise<CommandResult>;
  write(path: string, text: string): void;
  read(path: string): string;
  /** The files of a folder and its folders, sorted. */
  list(path: string): string[];
}

/** `docs/using.md`. */
export const usingText: string = readFileSync(join(root, "docs/using.md"), "utf8");

/** The fenced blocks of `docs/using.md`. */
export const usingDoc: readonly DocBlock[] = docBlocks(usingText);

/** The text of the block of `docs/using.md` with this name. */
export function documented(name: string): string {
  const block = usingDoc.find((candidate) => candidate.name === name);
  if (block === undefined) {
    throw new Error(`docs/using.md has no block named ${name}`);
  }
  return block.text;
}

/** What the documented `npm install` commands install, and for which of the two kinds. */
export function documentedInstalls(): { readonly production: string[]; readonly development: string[] } {
  const commands = usingDoc
    .filter(({ language, name }) => language === "sh" && name === "")
    .flatMap(commandsOf)
    .filter((command) => command.startsWith("npm install "))
    .map((command) => command.split(" ").slice(2));
  return {
    production: commands.filter(([first]) => first !== "--save-dev").flat(),
    development: commands.filter(([first]) => first === "--save-dev").flatMap(([, ...names]) => names),
  };
}

/** Builds and packs every package. */
export async function packPackages(folder: string): Promise<PackedPackages> {
  await runOrFail([process.execPath, "test/support/build.ts"]);
  const { stdout } = await runOrFail(["npm", "pack", "--workspaces", "--json", "--pack-destination", folder]);
  return new Map(packedNames(JSON.parse(stdout)).map(({ name, filename }) => [name, join(folder, filename)]));
}

/** Makes an empty folder for a consumer. It is removed when its scope ends. */
export function createConsumer(): Consumer {
  const folder = mkdtempSync(join(tmpdir(), "talaria-consumer-"));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write("package.json", '{ "name": "consumer", "private": true, "type": "module" }\n');
  return {
    folder,
    write,
    read: (path) => readFileSync(join(folder, path), "utf8"),
    list: (path) =>
      readdirSync(join(folder, path), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, path).length + 1))
        .sort(),
    run: (command, env = {}) => runCommand(command, { folder, env: { ...env, PATH: consumerPath(folder) } }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Installs packages: our own from their tarballs, the others from the registry or npm's cache. */
export async function install(
  consumer: Consumer,
  packed: PackedPackages,
  names: readonly string[],
  flags: readonly string[] = [],
): Promise<void> {
  const specs = names.map((name) => packed.get(name) ?? name);
  const command = ["npm", "install", "--prefer-offline", "--no-audit", "--no-fund", ...flags, ...specs];
  const { code, stderr } = await consumer.run(command);
  if (code !== 0) {
    throw new Error(`${command.join(" ")} failed\n${stderr}`);
  }
}

/** As npx sets it: nothing of this repository is on it but the Node.js that runs this. */
function consumerPath(folder: string): string {
  const inherited = (process.env.PATH ?? "").split(delimiter).filter((path) => !path.startsWith(root));
  return [dirname(process.execPath), join(folder, "node_modules/.bin"), ...inherited].join(delimiter);
}

/** npm 11 answers with a list; newer ones with an object by name. */
function packedNames(answer: unknown): { readonly name: string; readonly filename: string }[] {
  return Object.values(answer as Record<string, { name: string; filename: string }>);
}
