// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCheckServer } from "./check-server.ts";
import { exampleSpec } from "./example-spec.ts";
import { fixedAnswers, printAnswersModule, printPosixLauncher } from "./launcher.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import { serve } from "./pluginrpc/serve.ts";

// Every kind of byte that a shell could stumble over.
const purpose = `Checks that 'quotes', "double quotes", 100 %, $HOME, \`ls\`, back\\slash, \\012 and ümläut survive.`;
const spec: PluginSpec = {
  ...exampleSpec,
  rules: exampleSpec.rules.map((rule, index) => (index === 0 ? { ...rule, purpose } : rule)),
};

const commands = [
  ["--protocol"],
  ["--spec", "--format", "binary"],
  ["list-rules", "--format", "binary"],
  ["list-categories", "--format", "binary"],
];

async function served(args: readonly string[]): Promise<Uint8Array> {
  return (await serve(createCheckServer(spec), args, () => new Uint8Array())).stdout;
}

describe("fixedAnswers()", () => {
  it("are what the plugin itself answers", async () => {
    const answers = await fixedAnswers(spec);
    expect(answers.map(({ args }) => args)).toEqual(commands);
    for (const { args, stdout } of answers) {
      expect(stdout).toEqual(await served(args));
      expect(stdout.length).toBeGreaterThan(0);
    }
  });
});

describe("printAnswersModule()", () => {
  it("makes a module that has them", async () => {
    const text = printAnswersModule(await fixedAnswers(spec));
    const folder = mkdtempSync(join(tmpdir(), "launcher-"));
    writeFileSync(join(folder, "answers.cjs"), text);
    const { answers } = createRequire(import.meta.url)(join(folder, "answers.cjs"));
    rmSync(folder, { recursive: true });
    for (const args of commands) {
      expect(new Uint8Array(Buffer.from(answers[args.join(" ")], "base64"))).toEqual(await served(args));
    }
  });
});

describe.skipIf(process.platform === "win32")("printPosixLauncher()", () => {
  let folder = "";
  let launcher = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "launcher with 'spaces' "));
    mkdirSync(join(folder, "package", "dist"), { recursive: true });
    mkdirSync(join(folder, "bin"));
    launcher = join(folder, "bin", "buf-plugin-example");
    writeFileSync(
      join(folder, "package", "main.js"),
      "console.log(JSON.stringify([process.execArgv, process.argv.slice(2)]))",
    );
    writeFileSync(
      join(folder, "package", "dist", "run"),
      printPosixLauncher(await fixedAnswers(spec), "../main.js", ["--no-warnings"]),
    );
    chmodSync(join(folder, "package", "dist", "run"), 0o755);
    // As npm and pnpm link commands: one link to another, relative and absolute.
    symlinkSync("../package/dist/run", join(folder, "bin", "step"));
    symlinkSync(join(folder, "bin", "step"), launcher);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(commands.map((args) => [args.join(" "), args]))("answers %s without Node", async (_, args) => {
    const { status, stdout } = spawnSync(launcher, args, { env: { PATH: "/nowhere" } });
    expect(status).toBe(0);
    expect(new Uint8Array(stdout)).toEqual(await served(args));
  });

  it("leaves everything else to Node, arguments as they are", () => {
    const args = ["check", "--format", "binary", "a b", "$HOME", ""];
    const { status, stdout } = spawnSync(launcher, args);
    expect(status).toBe(0);
    expect(JSON.parse(stdout.toString())).toEqual([["--no-warnings"], args]);
  });

  it("fails when there is no Node", () => {
    const { status, stdout } = spawnSync(join(folder, "package", "dist", "run"), ["check"], {
      env: { PATH: "/nowhere" },
    });
    expect([status, stdout.length]).toEqual([127, 0]);
  });
});
