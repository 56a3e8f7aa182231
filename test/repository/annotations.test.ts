// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { docBlocks } from "../support/doc-blocks.ts";
import { root } from "../support/run-command.ts";
import { inspectFragment, lintFragment, policyTexts } from "./proto-fragment.ts";

const blocks = docBlocks(readFileSync(join(root, "docs/annotations.md"), "utf8"));
const examples = blocks.flatMap((block, index) =>
  block.language === "proto" ? [{ ...block, index, next: blocks[index + 1] }] : [],
);

describe("docs/annotations.md", () => {
  test.each(examples.filter(({ name }) => name === ""))(
    "example at block $index is sound, and means what it says",
    (example) => {
      const inspection = inspectFragment(example.text);
      expect(inspection.diagnostics).toEqual([]);
      const sentences = policyTexts(inspection).map((policy) => `${policy.method}: ${policy.sentences.join(" ")}\n`);
      expect(example.next).toEqual({ language: "text", name: "", text: sentences.join("") });
    },
  );

  test.each(examples.filter(({ name }) => name === "refused"))(
    "example at block $index is refused, with these words",
    (example) => {
      const errors = inspectFragment(example.text).diagnostics.filter(({ severity }) => severity === "error");
      expect(errors).not.toEqual([]);
      const messages = errors.map(({ message }) => `${message}\n`);
      expect(example.next).toEqual({ language: "text", name: "", text: messages.join("") });
    },
  );

  test.each(examples.filter(({ name }) => name === "complete"))(
    "example at block $index passes lint",
    async (example) => {
      expect(inspectFragment(example.text).diagnostics).toEqual([]);
      expect(await lintFragment(example.text)).toEqual([]);
    },
  );

  test("has examples of every kind", () => {
    expect(new Set(examples.map(({ name }) => name))).toEqual(new Set(["", "refused", "complete"]));
  });
});
