// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";

/** A server of grpc-go, which holds its clients to its rules for pings. Disposing of it ends it. */
export interface GoServer extends AsyncDisposable {
  readonly port: number;
  /** `grpc-go 1.82.0` */
  readonly version: string;
}

/** Builds the server, and returns its path. Throws why it cannot be built: Go is missing, or its packages are. */
export async function buildGoServer(): Promise<string> {
  const folder = fileURLToPath(new URL("../../node_modules/.cache/interop/go-server", import.meta.url));
  mkdirSync(folder, { recursive: true });
  cpSync(fileURLToPath(new URL("servers/go", import.meta.url)), folder, { recursive: true });
  const env = { CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local" };
  await run(["go", "build", "-o", "server", "."], { cwd: folder, env, timeoutMs: 240_000 });
  return join(folder, "server");
}

/** Starts a server that was built, on any port. */
export async function startGoServer(program: string, flags: readonly string[]): Promise<GoServer> {
  const child = spawn(program, flags, { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const [, port = "", version = ""] = /^(\d+) (.*)$/.exec(line) ?? [];
  return { port: Number(port), version, [Symbol.asyncDispose]: () => end(child) };
}

/** The server ends with its standard input, so that it does not outlive a run that is killed. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) {
    const gone = once(child, "exit");
    child.stdin?.end();
    await gone;
  }
}
