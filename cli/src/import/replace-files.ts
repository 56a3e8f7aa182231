// SPDX-License-Identifier: Apache-2.0
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

/** A file and what it is to say. */
export interface NewText {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Replaces files: all of them, or none. Each new text is written beside its file first and then takes its place, so that
 * no reader sees half of one. It runs without a pause, so nothing can interrupt it but the end of the process.
 *
 * @throws the first Error of the file system, once everything is as it was.
 */
export function replaceFiles(files: readonly NewText[]): void {
  const drafts = files.map(({ path, ...texts }) => {
    const target = realpathSync(path);
    return { target, draft: `${target}.talaria-${process.pid}`, ...texts };
  });
  const replaced: (typeof drafts)[number][] = [];
  try {
    for (const { target, draft, before, after } of drafts) {
      if (readFileSync(target, "utf8") !== before) {
        throw new Error(`${target} has changed in the meantime`);
      }
      writeFileSync(draft, after, { mode: statSync(target).mode });
    }
    for (const file of drafts) {
      renameSync(file.draft, file.target);
      replaced.push(file);
    }
  } catch (error) {
    for (const { target, before } of replaced) {
      writeFileSync(target, before);
    }
    throw error;
  } finally {
    for (const { draft } of drafts) {
      rmSync(draft, { force: true });
    }
  }
}
