// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Surroundings } from "../command.ts";
import { UserError } from "../user-error.ts";

const names = process.platform === "win32" ? ["buf.exe", "buf.cmd"] : ["buf"];

/**
 * Finds the buf of the project, else the one on the `PATH`: `node_modules/.bin` of the folder and of those above it comes
 * first, because it is the version that the project has chosen.
 *
 * @throws UserError when there is none.
 */
export function findBuf({ folder, env }: Surroundings): string {
  const onPath = (env.PATH ?? "").split(delimiter).filter((entry) => entry !== "");
  for (const place of [...installedIn(resolve(folder)), ...onPath]) {
    const found = names.map((name) => join(place, name)).find(isExecutable);
    if (found !== undefined) {
      return found;
    }
  }
  throw new UserError(
    "There is no buf, neither in node_modules/.bin nor on the PATH, and buf compiles the .proto files. Install it, e.g. " +
      "with `npm install --save-dev @bufbuild/buf`, or pass what another compiler made with --image FILE.",
  );
}

function installedIn(folder: string): readonly string[] {
  const above = dirname(folder);
  const here = join(folder, "node_modules", ".bin");
  return above === folder ? [here] : [here, ...installedIn(above)];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
