// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run-command.ts";

/** A package of this repository: what its package.json says, and its folder. */
export interface Workspace {
  readonly folder: string;
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly bin: Readonly<Record<string, string>>;
  /** Versions by name, peers included. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** The names of the peers that an application installs if it wants what needs them. */
  readonly optionalPeers: readonly string[];
}

/** Reads the published packages, in the order of the root's `workspaces`. */
export function readWorkspaces(): readonly Workspace[] {
  const { workspaces }: { workspaces: string[] } = readManifest(".");
  return workspaces.map((folder) => {
    const { name, exports = {}, bin = {}, ...rest } = readManifest(folder);
    const dependencies = { ...rest.dependencies, ...rest.peerDependencies };
    return { folder, name, exports, bin, dependencies, optionalPeers: Object.keys(rest.peerDependenciesMeta ?? {}) };
  });
}

function readManifest(folder: string) {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
}
