// SPDX-License-Identifier: Apache-2.0
// Compiles generated code under the strictest flags with every TypeScript that is supported, as ts and as js with
// declarations. usage: node typescript-versions.ts [--all]
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { root, runCommand, runOrFail } from "../support/run-command.ts";
import { createWorkspace, readFiles, writeFiles } from "./support.ts";

/** The oldest is what protoplugin brings, the newest what this repository compiles with; the rest comes from the registry. */
const versions = ["5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "6.0", "7.0"] as const;
const installed: Readonly<Partial<Record<(typeof versions)[number], string>>> = {
  "5.4": join(root, "node_modules/@bufbuild/protoplugin/node_modules/typescript"),
  "7.0": join(root, "node_modules/typescript"),
};

const { values: options } = parseArgs({
  options: { all: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } },
});
if (options.help) {
  console.log(`usage: npm run test:typescript -- [--all]
  --all  fail when a version of TypeScript cannot be installed, instead of leaving it out`);
} else {
  const folder = mkdtempSync(join(tmpdir(), "talaria-typescript-"));
  try {
    process.exitCode = await main(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compiles with all versions, and answers with the exit code. */
async function main(folder: string): Promise<number> {
  await installPackages(folder);
  generate(folder);
  let failed = false;
  for (const version of versions) {
    const compiler = installed[version] ?? (await installCompiler(version, folder));
    if (compiler === undefined || !existsSync(compiler)) {
      failed ||= options.all;
      console.log(`${version}  not compiled: cannot be installed`);
      continue;
    }
    const { version: exact } = JSON.parse(readFileSync(join(compiler, "package.json"), "utf8"));
    const problems = await compile(folder, version, compiler);
    failed ||= problems !== "";
    console.log(`${exact}  ${problems === "" ? "compiles" : `fails\n${problems}`}`);
  }
  return failed ? 1 : 0;
}

/** What a consumer has in node_modules: our declarations as they are published, and everything that they refer to. */
async function installPackages(folder: string): Promise<void> {
  for (const name of ["contract", "runtime"]) {
    const target = join(folder, "node_modules/@talaria", name);
    mkdirSync(target, { recursive: true });
    symlinkSync(join(root, name, "package.json"), join(target, "package.json"));
    const emit = ["--emitDeclarationOnly", "--noCheck", "--outDir", join(target, "dist")];
    await runOrFail(["tsc", "-p", `${name}/tsconfig.build.json`, ...emit]);
  }
  for (const name of ["@bufbuild", "@connectrpc", "@grpc", "@opentelemetry", "@types", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
}

/** Generates the golden protos: as `ts/`, as `js/`, and with its declarations as `declarations/`. */
function generate(folder: string): void {
  const testdata = fileURLToPath(new URL("../../plugin/testdata", import.meta.url));
  const protos = readdirSync(testdata).flatMap((name) => Object.entries(readFiles(join(testdata, name))));
  using workspace = createWorkspace(Object.fromEntries(protos.filter(([path]) => path.endsWith(".proto"))));
  for (const target of ["ts", "js+dts"]) {
    const { status, stderr, files } = workspace.generate({ opt: [`target=${target}`, "import_extension=js"] });
    if (status !== 0) {
      throw new Error(stderr);
    }
    writeFiles(join(folder, target === "ts" ? "ts" : "js"), files);
  }
  // Compilers are told to believe the declarations of packages, and then believe all: as sources they are checked.
  const declarations = Object.entries(readFiles(join(folder, "js"))).filter(([path]) => path.endsWith(".d.ts"));
  const sources = declarations.map(([path, text]) => [path.replace(/\.d\.ts$/, ".ts"), text]);
  writeFiles(join(folder, "declarations"), Object.fromEntries(sources));
  writeFiles(folder, { "use-js.ts": useOf("js"), "use-ts.ts": useOf("ts") });
}

/** A program that calls a generated client. */
function useOf(target: string): string {
  return `import { createOrderServiceClient, orderServiceContract } from "./${target}/orders_client.js";
const orders = createOrderServiceClient({ target: "dns:///orders:50051" });
export const id: string = (await orders.get({ id: "1" }, { timeoutMs: 5 })).id;
export const timeoutMs: number | undefined = orderServiceContract.methods[0]?.responseTimeoutMs;
// @ts-expect-error: there is no such rpc
await orders.remove({ id: "1" });
`;
}

/** Answers with what the compiler says: nothing when all is well. */
async function compile(folder: string, version: string, compiler: string): Promise<string> {
  const config = join(folder, `tsconfig-${version}.json`);
  writeFileSync(
    config,
    JSON.stringify({ compilerOptions: flagsFor(version), include: ["*.ts", "ts", "declarations"] }),
  );
  const { stdout, stderr } = await runCommand([process.execPath, join(compiler, "bin/tsc"), "-p", config], { folder });
  return `${stdout}${stderr}`.trim();
}

function flagsFor(version: string) {
  return {
    target: "es2022",
    lib: ["es2023", "dom", "esnext.disposable"],
    module: "nodenext",
    types: [],
    noEmit: true,
    skipLibCheck: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
    declaration: true,
    ...(version === "5.4" ? {} : { isolatedDeclarations: true }),
  };
}

async function installCompiler(version: string, folder: string): Promise<string | undefined> {
  const prefix = join(folder, `typescript-${version}`);
  const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const { code } = await runCommand(["npm", "install", "--prefix", prefix, ...flags, `typescript@~${version}`]);
  return code === 0 ? join(prefix, "node_modules/typescript") : undefined;
}
