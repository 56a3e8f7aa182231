// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";

/** What one run of a command cost. */
export interface Cost {
  /** From the start of the process to its end. */
  readonly wallMs: number;
  /** Of the process and all it started, in user and system mode. */
  readonly cpuMs: number;
}

/** Where a command runs. */
export interface RunOptions {
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A file descriptor that its input comes from. Default: nothing. */
  readonly input?: number | undefined;
}

/**
 * Runs a command by way of a shell, which counts the CPU time of what it starts.
 *
 * @throws an Error with all the command said when it fails.
 */
export function timedRun(command: readonly string[], { folder, env = {}, input }: RunOptions): Cost {
  const startedMs = performance.now();
  const { status, output } = spawnSync(
    "/bin/sh",
    ["-c", '"$@" 3>&-; code=$?; times >&3; exit $code', "sh", ...command],
    {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: [input ?? "ignore", "pipe", "pipe", "pipe"],
      encoding: "utf8",
      maxBuffer: 1 << 28,
    },
  );
  const wallMs = performance.now() - startedMs;
  const [, stdout = "", stderr = "", times = ""] = output;
  if (status !== 0) {
    throw new Error(`${command.join(" ")} ended with ${status}\n${stdout}${stderr}`);
  }
  return { wallMs, cpuMs: childrenMs(times ?? "") };
}

/** The second line of what `times` prints is of the children: `0m1.230s 0m0.045s`, user and system. */
function childrenMs(times: string): number {
  const [, children = ""] = times.split("\n");
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return seconds.reduce((sum, each) => sum + each, 0) * 1000;
}
