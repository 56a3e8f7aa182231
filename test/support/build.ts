// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, runOrFail } from "./run-command.ts";

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** The published packages. */
const packages = ["contract", "runtime", "lint", "plugin"] as const;

/**
 * Makes what `npm pack` takes: `dist/` in every package, the annotation language in the contract package, and the
 * licence in each. It starts from nothing, so what it makes depends on the sources alone.
 */
async function build(): Promise<void> {
  const startedMs = performance.now();
  for (const folder of packages) {
    rmSync(join(root, folder, "dist"), { recursive: true, force: true });
    copyFileSync(join(root, "LICENSE"), join(root, folder, "LICENSE"));
  }
  rmSync(join(root, "contract/proto"), { recursive: true, force: true });
  const optionFile = join(root, "contract/proto/service_client_config.proto");
  mkdirSync(dirname(optionFile), { recursive: true });
  copyFileSync(join(root, "proto/service_client_config.proto"), optionFile);

  // The others compile against what the contract's build has made.
  await compile("contract");
  await Promise.all([compile("runtime"), compile("lint").then(() => bundle("lint")), bundle("plugin")]);
  const missing = packages.flatMap(missingFiles);
  if (missing.length > 0) {
    throw new Error(`package.json names what was not built:\n${missing.join("\n")}`);
  }
  for (const folder of packages) {
    const files = globSync("{bin,dist,proto}/**/*", { cwd: join(root, folder) })
      .map((path) => statSync(join(root, folder, path)))
      .filter((stats) => stats.isFile());
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    console.log(`${folder.padEnd(9)} ${String(files.length).padStart(3)} files ${kilobytes(bytes)}`);
  }
  console.log(`built in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}

/** Makes the modules of a package and their declarations. */
function compile(folder: string): Promise<unknown> {
  return runOrFail(["tsc", "-p", join(folder, "tsconfig.build.json")]);
}

/** Makes the command of a package, one file with all it needs. */
function bundle(folder: string): Promise<unknown> {
  return runOrFail([process.execPath, "--conditions=talaria-source", join(folder, "build.ts")]);
}

/** What a package offers, by its package.json, and does not have. */
function missingFiles(folder: string): string[] {
  const { exports, bin = {} }: Manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const doors = Object.values(exports).flatMap(({ types, default: main }) => [types, main]);
  return [...doors, ...Object.values(bin)]
    .map((path) => join(folder, path))
    .filter((path) => !existsSync(join(root, path)));
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0).padStart(5)} kB`;
}

try {
  await build();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
