// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "rolldown";
import { bundledNotices } from "../test/support/bundled-notices.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const notices = bundledNotices("@bufbuild/protobuf", "@bufbuild/protoplugin");

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
      moduleIds.some((id) => id.includes("/@bufbuild/")) ? notices : "// SPDX-License-Identifier: Apache-2.0",
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

function writeDeclarations(): void {
  const tsc = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));
  const emit = ["--ignoreConfig", "--declaration", "--emitDeclarationOnly", "--noCheck", "--noResolve"];
  const language = ["--target", "es2023", "--module", "nodenext", "--rewriteRelativeImportExtensions"];
  const files = ["src/index.ts", "src/answer-request.ts", "src/byte-source.ts"];
  const to = ["--rootDir", "src", "--outDir", output];
  execFileSync(tsc, [...emit, ...language, ...to, ...files], { cwd: folder, stdio: "inherit" });
}
