// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bufYaml, buildPackage, createTemporaryFolder, runBufIn } from "./run-buf.ts";

const published = createTemporaryFolder();
const cache = join(published.path, "node_modules");
let plugin = { sh: "", js: "" };

beforeAll(async () => {
  plugin = await buildPackage(published.path);
});

afterAll(() => published[Symbol.dispose]());

function lint(command: string): { readonly status: number | null; readonly type: string; readonly stderr: string } {
  using folder = createTemporaryFolder();
  const text = 'syntax = "proto3";\nservice Orders {}\n';
  folder.write({ "buf.yaml": bufYaml(command, { lint: { use: ["CLIENT_CONFIG_REQUIRED"] } }), "shop.proto": text });
  // Whoever runs the tests may have a cache for all programs, or none.
  const env = { NODE_COMPILE_CACHE: undefined, NODE_DISABLE_COMPILE_CACHE: undefined };
  const { status, stdout, stderr } = runBufIn(env, folder, "lint", "--error-format=json");
  return { status, type: JSON.parse(stdout).type, stderr };
}

const finding = { status: 100, type: "CLIENT_CONFIG_REQUIRED", stderr: "" };
const cached = (): string[] =>
  readdirSync(cache, { encoding: "utf8", recursive: true })
    .map((path) => join(cache, path))
    .filter((path) => statSync(path).isFile());

describe("the compile cache", () => {
  it.each(["sh", "js"] as const)("is made by the first check of the %s command, inside the package", (name) => {
    rmSync(cache, { recursive: true, force: true });
    expect(lint(plugin[name])).toEqual(finding);
    const files = cached();
    expect(files).toHaveLength(1);
    const made = files.map((path) => readFileSync(path));
    expect(lint(plugin[name])).toEqual(finding);
    expect(cached().map((path) => readFileSync(path))).toEqual(made);
  });

  it.skipIf(process.platform === "win32")("is not open to others, whatever the umask", () => {
    rmSync(cache, { recursive: true, force: true });
    const command = 'umask 0; exec "$0" check --format binary </dev/null';
    const env = { ...process.env, NODE_COMPILE_CACHE: undefined, NODE_DISABLE_COMPILE_CACHE: undefined };
    const { status } = spawnSync("sh", ["-c", command, plugin.sh], { env });
    expect(status).toBe(0);
    const made = [cache, ...readdirSync(cache, { encoding: "utf8", recursive: true }).map((path) => join(cache, path))];
    expect(made.length).toBeGreaterThan(2);
    expect(made.filter((path) => (statSync(path).mode & 0o022) !== 0)).toEqual([]);
  });

  it.each([
    ["is garbage", (path: string) => writeFileSync(path, "x".repeat(statSync(path).size))],
    ["ends early", (path: string) => truncateSync(path, statSync(path).size / 2)],
    [
      "has wrong bytes in its middle",
      (path: string) => {
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.fill(0x55, bytes.length / 2, bytes.length / 2 + 4096));
      },
    ],
    [
      "has no place",
      () => {
        rmSync(cache, { recursive: true });
        writeFileSync(cache, "");
      },
    ],
  ])("that %s changes no finding", (_, spoil) => {
    rmSync(cache, { recursive: true, force: true });
    mkdirSync(cache);
    expect(lint(plugin.sh)).toEqual(finding);
    const files = cached();
    expect(files).toHaveLength(1);
    files.forEach(spoil);
    expect(lint(plugin.sh)).toEqual(finding);
  });
});
