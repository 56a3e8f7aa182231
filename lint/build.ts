// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { fixedAnswers, printAnswersModule, printPosixLauncher } from "./src/bufplugin/launcher.ts";
import { spec } from "./src/spec.ts";

/**
 * Makes what the published commands run, after the compiler has filled `dist`: `main.js` becomes one file, because buf
 * starts it often and every import costs; the answers that are always the same are written down, once for
 * `bin/buf-plugin-talaria.js` and once as a shell script.
 */
export async function buildLauncher(): Promise<void> {
  const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  mkdirSync(pathOf("dist"), { recursive: true });
  await build({
    input: pathOf("src/main.ts"),
    platform: "node",
    resolve: { conditionNames: ["talaria-source", "import", "node", "default"] },
    output: { file: pathOf("dist/main.js"), format: "esm", codeSplitting: false },
    logLevel: "warn",
  });
  const answers = await fixedAnswers(spec);
  writeFileSync(pathOf("dist/answers.js"), printAnswersModule(answers));
  const launcher = pathOf("dist/buf-plugin-talaria-sh");
  writeFileSync(launcher, printPosixLauncher(answers, "../bin/buf-plugin-talaria.js"));
  chmodSync(launcher, 0o755);
}

if (import.meta.main) {
  await buildLauncher();
}
