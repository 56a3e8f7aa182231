// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "rolldown";

const folder = fileURLToPath(new URL(".", import.meta.url));

/**
 * Bundles the plugin for publishing, with all it needs, so that it starts fast and installs nothing else. `main.js` reads
 * the request; most of the rest is in further files, loaded only when there is something to generate.
 *
 * `node plugin/build.ts [folder]` writes to `plugin/dist`, or to the given folder.
 */
const output = process.argv[2] ?? `${folder}dist`;
await build({
  cwd: folder,
  input: { main: "src/main.ts", index: "src/index.ts" },
  platform: "node",
  resolve: { conditionNames: ["talaria-source", "node", "import", "default"] },
  plugins: [withoutTypeScript()],
  output: {
    dir: output,
    format: "esm",
    cleanDir: true,
    chunkFileNames: "[name].js",
    banner: ({ moduleIds }) =>
      moduleIds.some((id) => id.includes("/@bufbuild/")) ? notices() : "// SPDX-License-Identifier: Apache-2.0",
  },
});
writeDeclarations();

/**
 * protoplugin loads the TypeScript compiler at its start, for plugins that let it derive JavaScript from TypeScript. We
 * generate every target ourselves, and never get there.
 */
function withoutTypeScript(): Plugin {
  return {
    name: "without-typescript",
    load(id) {
      return id.endsWith("/@bufbuild/protoplugin/dist/esm/transpile.js")
        ? `export function transpile() { throw new Error("protoc-gen-talaria generates every target itself"); }`
        : undefined;
    },
  };
}

/** What the licences of the bundled packages ask to be kept. */
function notices(): string {
  const varint = fileURLToPath(import.meta.resolve("@bufbuild/protobuf/wire")).replace(/index\.js$/, "varint.js");
  const [google] = readFileSync(varint, "utf8").match(/^(\/\/.*\n)+/) ?? [""];
  return [
    "// SPDX-License-Identifier: Apache-2.0 AND BSD-3-Clause",
    "// Contains @bufbuild/protobuf and @bufbuild/protoplugin,",
    "// Copyright 2021-2026 Buf Technologies, Inc., under the Apache License 2.0, and within it:",
    google.trimEnd(),
  ].join("\n");
}

function writeDeclarations(): void {
  const tsc = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));
  const emit = ["--ignoreConfig", "--declaration", "--emitDeclarationOnly", "--noCheck", "--noResolve"];
  const language = ["--target", "es2023", "--module", "nodenext", "--rewriteRelativeImportExtensions"];
  const files = ["src/index.ts", "src/answer-request.ts", "src/byte-source.ts"];
  const to = ["--rootDir", "src", "--outDir", output];
  execFileSync(tsc, [...emit, ...language, ...to, ...files], { cwd: folder, stdio: "inherit" });
}
