// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundlePlugin } from "../../lint/build-commands.ts";
import { printPosixLauncher } from "../../lint/src/bufplugin/launcher.ts";
import { type BufRun, bufYaml, createTemporaryFolder, type PluginCommand, root, runBufIn } from "./run-buf.ts";

const bundle = createTemporaryFolder();
const program = join(bundle.path, "plugin.cjs");
const launcher = join(bundle.path, "buf-plugin-misbehaving");

// Eight of nine starts ask what never changes: answered as published plugins answer it, they leave the check alone to Node.
beforeAll(async () => {
  await bundlePlugin(join(root, "test/lint/misbehaving-plugin.ts"), program);
  const answers = ["--protocol", "--spec", "list-rules", "list-categories"].map((command) => {
    const args = command === "--protocol" ? [command] : [command, "--format", "binary"];
    return {
      args,
      stdout: execFileSync(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] }),
    };
  });
  writeFileSync(launcher, printPosixLauncher(answers, "plugin.cjs"), { mode: 0o755 });
});

afterAll(() => bundle[Symbol.dispose]());

const oneService = 'syntax = "proto3";\nservice Orders {}\n';

interface Plugin {
  readonly command: PluginCommand;
  readonly behaviour?: string;
  readonly options?: object;
}

function lintWith({ command, behaviour, options }: Plugin, text: string): BufRun {
  using folder = createTemporaryFolder();
  const config = bufYaml(command, {
    lint: { use: ["MISBEHAVING_RULE"], ignore: ["service_client_config.proto"] },
    ...(options && { options }),
  });
  folder.write({ "buf.yaml": config, "shop.proto": text });
  return runBufIn({ BEHAVIOUR: behaviour }, folder, "lint", "--error-format=json");
}

const lint = (behaviour: string, text = oneService): BufRun => lintWith({ command: launcher, behaviour }, text);
const lintDirectly = (behaviour: string): BufRun => {
  return lintWith({ command: ["node", program], behaviour }, oneService);
};

/** What stderr says beside what buf itself adds when a plugin's exit code is not 0. */
const complaints = ({ stderr }: BufRun): string[] =>
  stderr
    .replaceAll(launcher, "node")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith('Failure: plugin "node" failed: Exited'));

const failure = 'Failure: plugin "node" failed: Failed with code';
const bug = "rule MISBEHAVING_RULE failed, which is a bug of buf-plugin-misbehaving:";

describe("a check plugin", () => {
  it.each([
    ["directly", lintDirectly],
    ["by its launcher", lint],
  ])("reports what its rule finds, started %s", (_, start) => {
    const { status, stdout } = start("behaves");
    expect(status).toBe(100);
    expect(JSON.parse(stdout)).toMatchObject({ path: "shop.proto", start_line: 2, type: "MISBEHAVING_RULE" });
  });

  it.each([
    ["throws", `${failure} internal: ${bug} cannot check`],
    ["rejects", `${failure} internal: ${bug} cannot check later`],
    ["says nothing", `${failure} internal: ${bug} it reported a finding without a message`],
    ["points nowhere", `${failure} internal: a rule reported a finding in gone.proto, which is not among the files`],
    ["throws on load", "buf-plugin-misbehaving: cannot load for two reasons"],
    ["fails outside", "buf-plugin-misbehaving: cannot check outside"],
    ["never ends", "buf-plugin-misbehaving: ended before it answered"],
    ["exits with 0", "buf-plugin-misbehaving: ended before it answered"],
    ["closes stdout", "buf-plugin-misbehaving: EBADF: bad file descriptor, write"],
    ["breaks off", "buf-plugin-misbehaving: EPIPE: broken pipe, write"],
  ])("that %s makes buf fail, with one clear line", (behaviour, line) => {
    const run = lint(behaviour);
    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(complaints(run).filter((text) => !text.startsWith("Warning"))).toEqual([line]);
  });

  it("with a wrong spec makes buf fail, and says what is wrong", () => {
    const run = lintDirectly("has a wrong spec");
    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toContain(
      'buf-plugin-misbehaving: the spec of buf-plugin-misbehaving is wrong: id "misbehaving"',
    );
  });

  it.each(["is killed", "is killed while it writes"])("that %s makes buf fail", (behaviour) => {
    const run = lint(behaviour);
    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toContain("signal: killed");
  });

  it("that prints into its own answer makes buf fail", () => {
    const run = lint("prints to the descriptor");
    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toContain("cannot parse invalid wire-format data");
  });

  it.each([
    ["prints with console.log", "checking"],
    ["prints with process.stdout", "checking"],
    ["prints on load", "loading"],
  ])("that %s still reports, and what it prints goes to stderr", (behaviour, text) => {
    const run = lint(behaviour);
    expect(run.status).toBe(100);
    expect(JSON.parse(run.stdout)).toMatchObject({ type: "MISBEHAVING_RULE" });
    expect(complaints(run)).toContain(text);
  });

  it("that writes byte by byte still writes everything", () => {
    const run = lint("writes byte by byte");
    expect(run.status).toBe(100);
    expect(JSON.parse(run.stdout)).toMatchObject({ type: "MISBEHAVING_RULE" });
  });

  it.each(["touches stdin", "has a non-blocking stdout"])("that %s still reads and writes everything", (behaviour) => {
    const count = 3000;
    const services = Array.from({ length: count }, (_, index) => `// ${"x".repeat(500)}\nservice S${index} {}\n`);
    const run = lint(behaviour, `syntax = "proto3";\n${services.join("")}`);
    expect(run.status).toBe(100);
    expect(run.stdout.trim().split("\n")).toHaveLength(count);
  });

  it("refuses an option that it does not have", () => {
    const run = lintWith({ command: launcher, options: { depth: 3 } }, oneService);
    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(complaints(run)).toEqual([
      `${failure} invalid_argument: unknown option "depth"; this plugin has no options`,
    ]);
  });

  it.each([
    ["does not exist", ["./no-such-plugin"], "no such file or directory"],
    ["is another program", ["echo", "hello"], "invalid protocol"],
  ])("that %s makes buf fail", (_, command, text) => {
    const run = lintWith({ command }, oneService);
    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toContain(text);
  });
});

describe("buf", () => {
  it("takes empty output and exit code 0 for a pass, which is why the SDK must never end so", () => {
    const script = `case "$*" in *check*) exit 0;; esac; exec "$0" "$@"`;
    const run = lintWith({ command: ["sh", "-c", script, launcher] }, oneService);
    expect(run).toMatchObject({ status: 0, stdout: "" });
  });
});
