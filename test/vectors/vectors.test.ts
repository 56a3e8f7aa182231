// SPDX-License-Identifier: Apache-2.0
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { readVectors, runVector } from "./run-vectors.ts";
import { vectorSets } from "./vector-files.ts";

for (const { folder, files } of vectorSets()) {
  describe(`vectors in ${basename(folder)}`, () => {
    if (files === undefined) test.skip("no such folder");
    for (const vector of files?.flatMap(readVectors) ?? []) {
      test(`${vector.kind} ${vector.id}: ${vector.title}`, async () => {
        expect(await runVector(vector)).toEqual({ kind: "passed" });
      });
    }
  });
}
