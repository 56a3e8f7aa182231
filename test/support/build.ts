// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, existsSync, globSync, mkdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, runOrFail } from "./run-command.ts";
import { readWorkspaces, type Workspace } from "./workspaces.ts";

const workspaces = readWorkspaces();
const builds = new Map<Workspace, Promise<void>>();

/**
 * Makes what `npm pack` takes: `dist/` in every package, the annotation language in the contract package, and the
 * licence in each. It starts from nothing, so what it makes depends on the sources alone.
 */
async function build(): Promise<void> {
  const startedMs = performance.now();
  for (const { folder } of workspaces) {
    rmSync(join(root, folder, "dist"), { recursive: true, force: true });
    copyFileSync(join(root, "LICENSE"), join(root, folder, "LICENSE"));
  }
  rmSync(join(root, "contract/proto"), { recursive: true, force: true });
  const optionFile = join(root, "contract/proto/service_client_config.proto");
  mkdirSync(dirname(optionFile), { recursive: true });
  copyFileSync(join(root, "proto/service_client_config.proto"), optionFile);

  await Promise.all(workspaces.map(buildOnce));
  const missing = workspaces.flatMap(missingFiles);
  if (missing.length > 0) {
    throw new Error(`package.json names what was not built:\n${missing.join("\n")}`);
  }
  for (const { folder, name } of workspaces) {
    const files = globSync("{bin,dist,proto}/**/*", { cwd: join(root, folder) })
      .map((path) => statSync(join(root, folder, path)))
      .filter((stats) => stats.isFile());
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    console.log(`${name.padEnd(20)} ${String(files.length).padStart(3)} files ${kilobytes(bytes)}`);
  }
  console.log(`built in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}

/** Builds a package after those of its own that it depends on: it compiles against what their build has made. */
function buildOnce(workspace: Workspace): Promise<void> {
  const running = builds.get(workspace) ?? buildPackage(workspace);
  builds.set(workspace, running);
  return running;
}

async function buildPackage({ folder, dependencies }: Workspace): Promise<void> {
  await Promise.all(workspaces.filter(({ name }) => Object.hasOwn(dependencies, name)).map(buildOnce));
  const project = join(folder, "tsconfig.build.json");
  if (existsSync(join(root, project))) {
    await runOrFail(["tsc", "-p", project]);
  }
  // A command is bundled: one file with all it needs.
  const script = join(folder, "build.ts");
  if (existsSync(join(root, script))) {
    await runOrFail([process.execPath, "--conditions=talaria-source", script]);
  }
}

/** What a package offers, by its package.json, and does not have. */
function missingFiles({ folder, exports, bin }: Workspace): string[] {
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
