// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";

/** How a command is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Runs a command and returns what it prints. Throws the last line of what it complains about, or that it took too long. */
export function run([command = "", ...args]: readonly string[], { cwd, env, timeoutMs }: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.on("error", (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (code === 0) {
        resolve(stdout);
      } else if (signal === "SIGKILL") {
        reject(new Error(`${command} took longer than ${timeoutMs / 1000} s`));
      } else {
        const complaint = (stderr.trim() || stdout.trim()).split("\n").at(-1);
        reject(new Error(`${command} ended with ${code ?? signal}: ${complaint}`));
      }
    });
  });
}
