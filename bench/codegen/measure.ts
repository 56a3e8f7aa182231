// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What one run of a program cost. */
export interface Cost {
  /** From the start of the process to its end. */
  readonly wallMs: number;
  /** Of all its threads, in user and system mode. */
  readonly cpuMs: number;
  /** The most memory that it had at a time. */
  readonly peakMb: number;
}

const hook = fileURLToPath(new URL("report-usage.cjs", import.meta.url));

/**
 * Runs a Node.js script with a file as its input, and answers with what it cost.
 *
 * @throws an Error when the script fails.
 */
export async function measure(script: readonly string[], input: string, folder: string): Promise<Cost> {
  const report = join(folder, "usage.json");
  const errors = join(folder, "errors.txt");
  rmSync(report, { force: true });
  const [stdin, stdout, stderr] = [
    openSync(input, "r"),
    openSync(join(folder, "response"), "w"),
    openSync(errors, "w"),
  ];
  const startedMs = performance.now();
  const child = spawn(process.execPath, ["--require", hook, ...script], {
    stdio: [stdin, stdout, stderr],
    env: { ...process.env, USAGE_REPORT: report },
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const wallMs = performance.now() - startedMs;
  for (const fd of [stdin, stdout, stderr]) {
    closeSync(fd);
  }
  if (code !== 0) {
    throw new Error(`${script.join(" ")} ended with ${code}: ${readFileSync(errors, "utf8").trim()}`);
  }
  const { userCPUTime, systemCPUTime, maxRSS }: NodeJS.ResourceUsage = JSON.parse(readFileSync(report, "utf8"));
  return { wallMs, cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: maxRSS / 1024 };
}

/** The median of each figure. */
export function median(costs: readonly Cost[]): Cost {
  const middle = (pick: (cost: Cost) => number): number => {
    const sorted = costs.map(pick).sort((a, b) => a - b);
    const half = Math.floor(sorted.length / 2);
    const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? half - 1 : half], sorted[half]];
    return (low + high) / 2;
  };
  return {
    wallMs: middle(({ wallMs }) => wallMs),
    cpuMs: middle(({ cpuMs }) => cpuMs),
    peakMb: middle(({ peakMb }) => peakMb),
  };
}
