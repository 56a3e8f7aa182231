// SPDX-License-Identifier: Apache-2.0
import { posix } from "node:path";
import type { SourceFiles } from "./source-files.ts";

/** Source files whose first line, or second after a `#!`, does not name the licence. */
export function missingLicences(files: SourceFiles): string[] {
  return [...files]
    .filter(([path]) => /\.(ts|mts|js|mjs|sh)$|^\.ci\//.test(path))
    .filter(([, text]) => !/^(#!.*\n)?(\/\/|#) SPDX-License-Identifier: Apache-2\.0\n/.test(text))
    .map(([path]) => `${path}:1: write "SPDX-License-Identifier: Apache-2.0" in a comment on the first line`);
}

/** Lines with a path that exists on one machine only: a home, a temporary or a working folder. */
export function machinePaths(files: SourceFiles): string[] {
  const machinePath = /(?<![\w.~$}-])\/(?:home|root|tmp|work|Users)\/[\w.]/;
  return findLines(files, machinePath, "names a path of one machine");
}

function findLines(files: SourceFiles, pattern: RegExp, finding: string): string[] {
  return [...files].flatMap(([path, text]) =>
    text.split("\n").flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${finding}`] : [])),
  );
}

/** Lines with the address of a registry, e.g. where the lock file says what was downloaded: they tie an install to it. */
export function registryAddresses(files: SourceFiles): string[] {
  const address =
    /"resolved": "https?:|https?:\/\/[\w.-]*(?:registry|artifactory|nexus|mirror)|registry\s*=\s*\S*:\/\//;
  return findLines(files, address, "names a registry's address");
}

/**
 * Relative imports that leave their package. A package is published alone, so it can import another by its name only;
 * tests may reach what is shared in `test/`.
 */
export function escapingImports(files: SourceFiles): string[] {
  return [...files].flatMap(([path, text]) => {
    const [folder] = /^(contract|plugin|lint|runtime|cli)\/src\//.exec(path) ?? [];
    if (folder === undefined) {
      return [];
    }
    const allowed = /\.test(-d)?\.ts$/.test(path) ? [folder, "test/"] : [folder];
    return [...text.matchAll(/(?:from|import)[ (]"(\.[^"]+)"/g)]
      .map(([, specifier = ""]) => posix.join(posix.dirname(path), specifier))
      .filter((target) => !allowed.some((prefix) => target.startsWith(prefix)))
      .map((target) => `${path}: imports ${target} by its path; import the package by its name`);
  });
}
