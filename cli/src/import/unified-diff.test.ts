// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { replaceText, type TextReplacement } from "./replace-text.ts";
import { unifiedDiff } from "./unified-diff.ts";

const plain = (_: unknown, text: string): string => text;

test("unifiedDiff() shows added and replaced lines with three lines around them", () => {
  const text = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
  const at = text.indexOf("5");
  const diff = unifiedDiff("a.proto", text, [{ start: at, end: at + 1, text: "five\nfive and a half" }], plain);
  expect(diff).toBe("--- a.proto\n+++ a.proto\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+five and a half\n 6\n 7\n 8");
});

const hasPatch = spawnSync("patch", ["--version"]).status === 0;

test.skipIf(!hasPatch)("unifiedDiff() is understood by patch (skipped where there is no patch)", () => {
  const folder = mkdtempSync(join(tmpdir(), "talaria-diff-"));
  const insertions = fc.uniqueArray(fc.nat(39), { minLength: 1, maxLength: 6 });
  try {
    fc.assert(
      fc.property(insertions, fc.boolean(), (lines, ended) => {
        const text = Array.from({ length: 40 }, (_, line) => `${line % 3}`).join("\n") + (ended ? "\n" : "");
        const replacements = lines
          .toSorted((a, b) => a - b)
          .map(
            (line): TextReplacement => ({
              start: line * 2 + 1,
              end: line * 2 + 1,
              text: line % 2 ? "\nnew" : " more\nnew\nnew",
            }),
          );
        const file = join(folder, "a");
        writeFileSync(file, text);
        const input = `${unifiedDiff("a", text, replacements, plain)}\n`;
        const { status, stdout } = spawnSync("patch", ["-p0"], { cwd: folder, input, encoding: "utf8" });
        expect([status, stdout]).toEqual([0, "patching file a\n"]);
        expect(readFileSync(file, "utf8")).toBe(replaceText(text, replacements));
      }),
      { seed: 1, numRuns: 30 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
