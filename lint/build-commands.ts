// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { bundledNotices } from "../test/support/bundled-notices.ts";
import { fixedAnswers, printAnswersModule, printPosixLauncher } from "./src/bufplugin/launcher.ts";
import { spec } from "./src/spec.ts";

/**
 * What the shell script asks of V8, for a process that lives 50 ms while buf keeps the cores busy: to compile whole files,
 * because only what is compiled with its file gets into the compile cache; to start no threads, which save time only where
 * thousands of files are checked, and little there; and room for the young objects of a small check, which would be
 * cleaned up four times on the way.
 */
const nodeFlags = ["--no-lazy", "--single-threaded", "--min-semi-space-size=4"];

/**
 * Makes what the published commands run, after the compiler has filled `dist`: `main.cjs`, one file because every import
 * costs; the answers that are always the same, once for `bin/buf-plugin-talaria.js` and once as a shell script.
 *
 * @param dist where to write.
 */
export async function buildCommands(dist: string): Promise<void> {
  mkdirSync(dist, { recursive: true });
  await bundlePlugin(fileURLToPath(new URL("src/main.ts", import.meta.url)), join(dist, "main.cjs"));
  const answers = await fixedAnswers(spec);
  writeFileSync(join(dist, "answers.cjs"), printAnswersModule(answers));
  const launcher = join(dist, "buf-plugin-talaria-sh");
  writeFileSync(launcher, printPosixLauncher(answers, "../bin/buf-plugin-talaria.js", nodeFlags));
  chmodSync(launcher, 0o755);
}

const notices = bundledNotices("@bufbuild/protobuf");

/** Makes one file, a CommonJS module, of a program and all it imports. */
export async function bundlePlugin(input: string, file: string): Promise<void> {
  await build({
    input,
    platform: "node",
    resolve: { conditionNames: ["talaria-source", "import", "node", "default"] },
    output: { file, format: "cjs", codeSplitting: false, minify: true, postBanner: notices },
    logLevel: "warn",
  });
}
