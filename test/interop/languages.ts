// SPDX-License-Identifier: Apache-2.0
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";

/** A language whose gRPC library is tried. */
export interface Language {
  readonly name: string;
  /** Makes the client ready, in a folder that is kept for the next time. Returns the command; throws why there is none. */
  prepare(cacheFolder: string): Promise<readonly string[]>;
}

const source = (name: string): string => fileURLToPath(new URL(`clients/${name}`, import.meta.url));

const node: Language = {
  name: "node",
  async prepare() {
    return [process.execPath, join(source("node"), "client.ts")];
  },
};

const go: Language = {
  name: "go",
  async prepare(cacheFolder) {
    const folder = copied("go", cacheFolder);
    const env = { CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local" };
    await run(["go", "build", "-o", "client", "."], { cwd: folder, env, timeoutMs: 240_000 });
    return [join(folder, "client")];
  },
};

const python: Language = {
  name: "python",
  async prepare(cacheFolder) {
    const folder = copied("python", cacheFolder);
    const interpreter = join(folder, "venv/bin/python");
    if (!existsSync(interpreter)) {
      await run(["python3", "-m", "venv", "venv"], { cwd: folder, timeoutMs: 60_000 });
    }
    const install = [
      "-m",
      "pip",
      "install",
      "-q",
      "--disable-pip-version-check",
      "grpcio==1.85.1",
      "grpcio-tools==1.85.1",
    ];
    await run([interpreter, ...install], { cwd: folder, timeoutMs: 120_000 });
    return [interpreter, join(folder, "client.py")];
  },
};

const java: Language = {
  name: "java",
  async prepare(cacheFolder) {
    const folder = copied("java", cacheFolder);
    const copy = ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"];
    await run(["mvn", ...copy], { cwd: folder, timeoutMs: 180_000 });
    await run(["javac", "-cp", "lib/*", "Client.java"], { cwd: folder, timeoutMs: 60_000 });
    return ["java", "-cp", `${folder}/lib/*:${folder}`, "Client"];
  },
};

/** The languages that are tried, Node.js first: it needs nothing. */
export const languages: readonly Language[] = [node, go, python, java];

function copied(name: string, cacheFolder: string): string {
  const folder = join(cacheFolder, name);
  mkdirSync(folder, { recursive: true });
  cpSync(source(name), folder, { recursive: true });
  return folder;
}
