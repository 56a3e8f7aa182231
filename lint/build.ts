// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { fixedAnswers, printAnswersModule, printPosixLauncher } from "./src/bufplugin/launcher.ts";
import { spec } from "./src/spec.ts";

/**
 * Makes what the published commands run, after the compiler has filled `dist`: `main.js` becomes one file, because every
 * import costs; the answers that are always the same are written down, once for `bin/buf-plugin-talaria.js` and once as a
 * shell script.
 *
 * @param dist where to write. Default: `dist` of this package.
 */
export async function buildLauncher(dist: string = join(import.meta.dirname, "dist")): Promise<void> {
  mkdirSync(dist, { recursive: true });
  await bundlePlugin(fileURLToPath(new URL("src/main.ts", import.meta.url)), join(dist, "main.js"));
  const answers = await fixedAnswers(spec);
  writeFileSync(join(dist, "answers.js"), printAnswersModule(answers));
  const launcher = join(dist, "buf-plugin-talaria-sh");
  writeFileSync(launcher, printPosixLauncher(answers, "../bin/buf-plugin-talaria.js"));
  chmodSync(launcher, 0o755);
}

/** Makes one file of a program and all it imports. */
export async function bundlePlugin(input: string, file: string): Promise<void> {
  await build({
    input,
    platform: "node",
    resolve: { conditionNames: ["talaria-source", "import", "node", "default"] },
    output: { file, format: "esm", codeSplitting: false, minify: true },
    logLevel: "warn",
  });
}

if (import.meta.main) {
  await buildLauncher();
}
