// SPDX-License-Identifier: Apache-2.0
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative, resolve, sep } from "node:path";
import type { DescService } from "@bufbuild/protobuf";
import type { Surroundings } from "../command.ts";
import { findBuf } from "../protos/find-buf.ts";
import { editedText, type FileEdit } from "./edit-files.ts";
import type { ImportPlan } from "./plan-import.ts";
import { prove } from "./write-and-prove.ts";

/**
 * Proves edits without making them: beside the files, in a folder of links to them in which the edited ones are real.
 *
 * @throws UserError when the result does not compile, or is not what was planned
 */
export async function proveCopy(
  input: string,
  edits: readonly FileEdit[],
  plan: ImportPlan,
  replan: (services: readonly DescService[]) => ImportPlan,
  surroundings: Surroundings,
): Promise<void> {
  const folder = realpathSync(surroundings.folder);
  const paths = edits.map(({ path }) => realpathSync(resolve(folder, path)));
  const module = realpathSync(resolve(folder, input));
  const top = commonFolder([workspaceOf(module), folder, ...paths.map(dirname)]);
  const copy = mkdtempSync(join(tmpdir(), "talaria-import-"));
  try {
    const texts = new Map(edits.map((edit, index) => [paths[index] ?? "", editedText(edit)]));
    mirror(top, copy, texts);
    const here = join(copy, relative(top, folder));
    mkdirSync(here, { recursive: true });
    // The copy has no node_modules above it: the buf of the project must be found all the same.
    const path = [dirname(findBuf(surroundings)), surroundings.env.PATH].join(delimiter);
    const copied = { ...surroundings, folder: here, env: { ...surroundings.env, PATH: path } };
    await prove(relative(here, join(copy, relative(top, module))) || ".", plan, replan, copied);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The nearest folder, from here upwards, that says how buf builds; the input itself where none does. */
function workspaceOf(input: string): string {
  for (let folder = input; folder !== dirname(folder); folder = dirname(folder)) {
    if (["buf.work.yaml", "buf.yaml"].some((name) => existsSync(join(folder, name)))) {
      return folder;
    }
  }
  return dirname(input);
}

function commonFolder(folders: readonly string[]): string {
  const [first = "", ...others] = folders.map((folder) => folder.split(sep));
  let length = first.length;
  for (const other of others) {
    const same = [...first].findIndex((part, index) => part !== other[index]);
    length = Math.min(length, same === -1 ? first.length : same);
  }
  return [...first].slice(0, length).join(sep) || sep;
}

/** Links everything in a folder, and goes into the folders that have a text of their own. */
function mirror(from: string, to: string, texts: ReadonlyMap<string, string>): void {
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    const text = texts.get(source);
    if (text !== undefined) {
      writeFileSync(target, text);
    } else if ([...texts.keys()].some((path) => path.startsWith(source + sep))) {
      mkdirSync(target);
      mirror(source, target, texts);
    } else {
      symlinkSync(source, target);
    }
  }
}
