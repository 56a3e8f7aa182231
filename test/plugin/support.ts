// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "node_modules/.bin");

/** The command that runs the plugin from source. */
export const pluginCommand: readonly string[] = [
  process.execPath,
  "--conditions=talaria-source",
  join(root, "plugin/src/main.ts"),
];

/** Texts by path, relative to a folder. */
export type Files = Readonly<Record<string, string>>;

/** What a program did. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of a team that uses Talaria: protos in `proto/`, the packages installed. */
export interface Workspace {
  readonly folder: string;
  /** Replaces the protos. */
  write(protos: Files): void;
  /** Runs `buf generate` with protoc-gen-es and this plugin beside each other, from an empty `gen/`. */
  generate(options?: GenerateOptions): Outcome & { readonly files: Files };
  /** Type-checks `gen/` and whatever else lies in the folder under the strictest flags. */
  typeCheck(files?: Files): Outcome;
  /** Runs a program of the folder. */
  run(command: readonly string[]): Outcome;
}

/** Options of {@link Workspace.generate}. */
export interface GenerateOptions {
  /** Options of both plugins. */
  readonly opt?: readonly string[];
  /** Options of our plugin alone. */
  readonly talariaOpt?: readonly string[];
  /** Leave protoc-gen-es out. */
  readonly alone?: boolean;
  /** How our plugin is started. */
  readonly command?: readonly string[];
}

/** Creates a workspace in a temporary folder; it is removed by `dispose`. */
export function createWorkspace(protos: Files): Workspace & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "talaria-plugin-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  symlinkSync(join(root, "proto"), join(folder, "options"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(folder, "buf.yaml"), "version: v2\nmodules:\n  - path: proto\n  - path: options\n");
  const write = (files: Files): void => {
    rmSync(join(folder, "proto"), { recursive: true, force: true });
    writeFiles(join(folder, "proto"), files);
  };
  const run = (command: readonly string[]): Outcome => runIn(folder, command);
  write(protos);
  return {
    folder,
    write,
    run,
    generate(options = {}) {
      rmSync(join(folder, "gen"), { recursive: true, force: true });
      const template = JSON.stringify({ version: "v2", plugins: pluginsOf(options) });
      const outcome = run([join(bin, "buf"), "generate", "--template", template]);
      return { ...outcome, files: readFiles(join(folder, "gen")) };
    },
    typeCheck(files = {}) {
      writeFiles(folder, files);
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(strictConfig));
      return run([join(bin, "tsc"), "-p", "tsconfig.json"]);
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Reads all files below a folder. An absent folder has none. */
export function readFiles(folder: string): Files {
  if (!existsSync(folder)) {
    return {};
  }
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

/** The lines that two texts of equally many lines differ in, as pairs. */
export function changedLines(before: string, after: string): [string | undefined, string | undefined][] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index): [string | undefined, string | undefined] => [
    a[index],
    b[index],
  ]).filter(([x, y]) => x !== y);
}

/** Runs a program in a folder. */
export function runIn(folder: string, [program = "", ...args]: readonly string[], input?: Uint8Array): Outcome {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, encoding: "utf8", input });
  if (error !== undefined) {
    throw error;
  }
  return { status, stdout, stderr };
}

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function pluginsOf({ opt = ["target=ts", "import_extension=ts"], talariaOpt = [], alone, command }: GenerateOptions) {
  const talaria = { local: command ?? pluginCommand, out: "gen", strategy: "all", opt: [...opt, ...talariaOpt] };
  return alone === true ? [talaria] : [{ local: join(bin, "protoc-gen-es"), out: "gen", opt }, talaria];
}

const strictConfig = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2024", "dom", "esnext.disposable"],
    module: "nodenext",
    customConditions: ["talaria-source"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
    declaration: true,
    isolatedDeclarations: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  },
  exclude: ["node_modules", "options"],
};
