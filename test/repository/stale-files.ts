// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { generate, outputsOf, templates } from "../support/generators.ts";
import { root } from "../support/run-command.ts";

/**
 * Generates everything again, into a temporary folder, and compares with what is checked in.
 *
 * @throws an Error with what buf says when it cannot generate.
 */
export async function findStaleFiles(): Promise<string[]> {
  const fresh = mkdtempSync(join(tmpdir(), "talaria-generated-"));
  try {
    await generate(fresh);
    return templates
      .flatMap(outputsOf)
      .flatMap((folder) =>
        compareFolders(join(fresh, folder), join(root, folder)).map((finding) => `${folder}/${finding}`),
      );
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Says how what is kept in a folder differs from what was freshly made; paths are below the folder. */
export function compareFolders(fresh: string, kept: string): string[] {
  const paths = new Set([...filesOf(fresh), ...filesOf(kept)]);
  return [...paths].sort().flatMap((path) => {
    if (!existsSync(join(kept, path))) {
      return [`${path} is missing`];
    }
    if (!existsSync(join(fresh, path))) {
      return [`${path} is no longer generated`];
    }
    const same = readFileSync(join(fresh, path)).equals(readFileSync(join(kept, path)));
    return same ? [] : [`${path} differs from what its sources generate`];
  });
}

function filesOf(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    : [];
}
