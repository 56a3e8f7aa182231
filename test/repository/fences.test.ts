// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root, runCommand } from "../support/run-command.ts";

interface Fence {
  /** Where the line is written. */
  readonly file: string;
  readonly line: string;
  /** The rule that must fire; undefined where nothing may. */
  readonly rule: string | undefined;
}

const restrictedImport = "lint/style/noRestrictedImports";
const restrictedGlobal = "lint/style/noRestrictedGlobals";

const fences: readonly Fence[] = [
  ...["@talaria/runtime", "@talaria/runtime/testing", "@grpc/grpc-js", "@connectrpc/connect", "protoc-gen-talaria"].map(
    (from) => refuse("lint/src/rules/a.ts", from),
  ),
  allow("lint/src/rules/a.ts", "@talaria/contract"),
  ...["@talaria/contract", "../rules/client-config-required.ts"].map((from) => refuse("lint/src/bufplugin/a.ts", from)),
  allow("lint/src/bufplugin/a.ts", "@bufbuild/protobuf"),
  ...["@grpc/grpc-js", "@bufbuild/protoplugin", "protoc-gen-talaria", "buf-plugin-talaria"].map((from) =>
    refuse("runtime/src/a.ts", from),
  ),
  allow("runtime/src/grpc-js/a.ts", "@grpc/grpc-js"),
  ...[
    "@grpc/grpc-js",
    "@connectrpc/connect",
    "@bufbuild/protobuf",
    "node:fs",
    "../pipeline.ts",
    "../grpc-js/channel.ts",
  ].map((from) => refuse("runtime/src/engine/a.ts", from)),
  allow("runtime/src/engine/a.ts", "../clock.ts"),
  ...["", "context/", "engine/", "grpc-js/", "server/", "testing/"].map((folder) =>
    refuse(`runtime/src/${folder}a.ts`, "@opentelemetry/api"),
  ),
  allow("runtime/src/telemetry/a.ts", "@opentelemetry/api"),
  ...["@opentelemetry/sdk-trace", "@opentelemetry/core"].map((from) => refuse("runtime/src/a.ts", from)),
  ...["@grpc/grpc-js", "@talaria/cli"].map((from) => refuse("runtime/src/telemetry/a.ts", from)),
  ...["Date.now()", "performance.now()", "setTimeout(() => {}, 1)", "process.env"].map((use) => ({
    file: "runtime/src/engine/a.ts",
    line: `export const used = ${use};`,
    rule: restrictedGlobal,
  })),
  { file: "runtime/src/a.ts", line: "export const used = Date.now();", rule: undefined },
];

const folder = mkdtempSync(join(tmpdir(), "talaria-fences-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The rules that fired, by file. */
let fired: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  for (const file of ["biome.json", ".gitignore"]) {
    copyFileSync(join(root, file), join(folder, file));
  }
  for (const [index, fence] of fences.entries()) {
    write(fileOf(fence, index), fence.line);
  }
  write("runtime/src/x.ts", 'import { y } from "./y.ts";\nexport const x = (): unknown => y;');
  write("runtime/src/y.ts", 'import { x } from "./x.ts";\nexport const y = (): unknown => x;');
  fired = await lint();
});

describe("the import fences of biome.json", () => {
  test.each(fences.map((fence, index) => ({ ...fence, index })))("$rule in $file: $line", ({ index, ...fence }) => {
    expect(fired.get(fileOf(fence, index)) ?? []).toEqual(fence.rule === undefined ? [] : [fence.rule]);
  });

  test("refuse an import cycle", () => {
    expect(fired.get("runtime/src/x.ts")).toEqual(["lint/suspicious/noImportCycles"]);
  });
});

function refuse(file: string, from: string): Fence {
  return { file, line: importLine(from), rule: restrictedImport };
}

function allow(file: string, from: string): Fence {
  return { file, line: importLine(from), rule: undefined };
}

function importLine(from: string): string {
  return `export { something } from "${from}";`;
}

/** A file of its own for each line, so that findings cannot be mixed up. */
function fileOf({ file }: Fence, index: number): string {
  return file.replace("a.ts", `line-${index}.ts`);
}

function write(path: string, line: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), `// SPDX-License-Identifier: Apache-2.0\n${line}\n`);
}

async function lint(): Promise<Map<string, string[]>> {
  const biome = join(root, "node_modules/.bin/biome");
  const { stdout } = await runCommand([biome, "lint", "--reporter=json", "--max-diagnostics=none"], { folder });
  const found = new Map<string, string[]>();
  for (const { category, location } of JSON.parse(stdout).diagnostics) {
    found.set(location.path, [...(found.get(location.path) ?? []), category]);
  }
  return found;
}
