// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));

test.each(sources)("%s takes its randomness and its time as arguments", (name) => {
  const source = readFileSync(join(import.meta.dirname, name), "utf8");
  expect(source).not.toMatch(/Math\.random|\bDate\b|performance\.now|setTimeout|setImmediate/);
});
