// SPDX-License-Identifier: Apache-2.0
// Runs vector files, or all of a folder: npm run vectors -- FILE...
import { readVectors, runVector, type Vector, type VectorResult } from "./run-vectors.ts";
import { vectorFilesOf, vectorSets } from "./vector-files.ts";

/** Without arguments: every set there is. The page that explains a set may be among its files, as with `FOLDER/*`. */
function filesToRun(args: readonly string[]): readonly string[] {
  if (args.length > 0) {
    const pages = args.filter((file) => file.endsWith(".md"));
    for (const page of pages) console.log(`skipped ${page}: a page, no vectors`);
    return args.filter((file) => !pages.includes(file)).flatMap(vectorFilesOf);
  }
  return vectorSets().flatMap(({ folder, files }) => {
    if (files === undefined) console.log(`skipped ${folder}: no such folder`);
    return files ?? [];
  });
}

/** What is wrong, line by line; nothing when all is well. */
function complaints(vector: Vector, result: VectorResult): readonly string[] {
  const name = `${vector.id} (${vector.kind}) ${vector.title}`;
  if (result.kind === "error") return [`FAILED ${name}`, `  ${result.message}`];
  if (result.kind !== "failed") return [];
  const lines = result.mismatches.flatMap(({ what, want, got }) => [
    `  ${what}`,
    `    want ${JSON.stringify(want)}`,
    `    got  ${JSON.stringify(got)}`,
  ]);
  return [`FAILED ${name}`, ...lines];
}

function tryRead(file: string): readonly Vector[] | Error {
  try {
    return readVectors(file);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

let passed = 0;
let failed = 0;
for (const file of filesToRun(process.argv.slice(2))) {
  const vectors = tryRead(file);
  if (vectors instanceof Error) {
    failed += 1;
    console.log(`FAILED ${file}\n  ${vectors.message}`);
    continue;
  }
  for (const vector of vectors) {
    const result = await runVector(vector);
    if (result.kind === "passed") passed += 1;
    else failed += 1;
    for (const line of complaints(vector, result)) console.log(line);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
