// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { buildCommands } from "../../lint/build-commands.ts";
import { root, runOrFail } from "../support/run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "talaria-notices-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("bundles keep the notices of the packages in them", async () => {
  const [plugin, lint] = [join(folder, "plugin"), join(folder, "lint")];
  await runOrFail([process.execPath, "plugin/build.ts", plugin], { folder: root });
  await buildCommands(lint);
  const scripts = readdirSync(plugin).filter((name) => name.endsWith(".js"));
  const bundles = [...scripts.map((name) => join(plugin, name)), join(lint, "main.cjs")];
  const borrowing = bundles
    .map((path) => readFileSync(path, "utf8"))
    .filter((text) => text.includes("google.protobuf.FileDescriptorSet"));
  expect(borrowing.length).toBeGreaterThan(1);
  for (const text of borrowing) {
    expect(text).toMatch(
      /^\/\/ SPDX-License-Identifier: Apache-2.0 AND BSD-3-Clause\n\/\/ Contains @bufbuild\/protobuf/,
    );
    expect(text).toContain("Redistributions in binary form must reproduce the above");
  }
});
