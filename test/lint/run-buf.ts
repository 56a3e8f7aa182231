// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildCommands } from "../../lint/build-commands.ts";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "node_modules/.bin");
const schemaFile = "service_client_config.proto";
const schema = readFileSync(join(root, "proto", schemaFile), "utf8");

/** What buf said. */
export interface BufRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command of a plugin as `buf.yaml` writes it. */
export type PluginCommand = string | readonly string[];

/** A folder that goes away with `using`. */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
  /** Writes texts by file name. */
  write(files: Readonly<Record<string, string>>): void;
}

export function createTemporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), "talaria-lint-"));
  return {
    path,
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), text);
      }
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Builds the plugin into a folder as its published package has it; answers with its two commands. */
export async function buildPackage(folder: string): Promise<{ readonly sh: string; readonly js: string }> {
  cpSync(join(root, "lint/bin"), join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  await buildCommands(join(folder, "dist"));
  return { sh: join(folder, "dist/buf-plugin-talaria-sh"), js: join(folder, "bin/buf-plugin-talaria.js") };
}

/** `buf.yaml` with one plugin; `lint` and `breaking` are written into it as JSON, which is YAML. */
export function bufYaml(
  plugin: PluginCommand,
  { lint = {}, breaking = {}, options }: { lint?: object; breaking?: object; options?: object } = {},
): string {
  const plugins = [{ plugin, ...(options && { options }) }];
  return JSON.stringify({ version: "v2", lint, breaking, plugins });
}

/** The program itself: the command that npm installs starts Node.js first. */
export const nativeBuf: string = join(root, `node_modules/@bufbuild/buf-${process.platform}-${process.arch}/bin/buf`);

/** Runs the real buf in a folder, with `service_client_config.proto` there to import. */
export function runBuf(folder: TemporaryFolder, ...args: readonly string[]): BufRun {
  return runBufIn({}, folder, ...args);
}

/** As {@link runBuf}, with more in the environment. */
export function runBufIn(env: NodeJS.ProcessEnv, folder: TemporaryFolder, ...args: readonly string[]): BufRun {
  folder.write({ [schemaFile]: schema });
  const { status, stdout, stderr } = spawnSync(nativeBuf, args, {
    cwd: folder.path,
    encoding: "utf8",
    env: { ...process.env, ...env, PATH: `${bin}:${process.env.PATH}` },
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}
