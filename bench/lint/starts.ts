// SPDX-License-Identifier: Apache-2.0
import { chmodSync, closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./median.ts";
import { timedRun } from "./timed-run.ts";

/** What buf asks of a plugin, and how often in one `buf lint` of one module. */
export const starts: readonly { readonly args: readonly string[]; readonly count: number }[] = [
  { args: ["--protocol"], count: 2 },
  ...["--spec", "list-rules", "list-categories"].map((arg) => ({ args: [arg, "--format", "binary"], count: 2 })),
  { args: ["check", "--format", "binary"], count: 1 },
];

/** The request of a check, kept to be asked again. */
export interface CheckRequest {
  readonly file: string;
  readonly bytes: number;
  /** How often buf started the plugin to get there. */
  readonly starts: number;
}

/** Lets buf lint once with a command in between that keeps what passes through. */
export function captureCheck(folder: string, plugin: string, lint: (plugin: string) => void): CheckRequest {
  const [file, log, between] = [join(folder, "check-request"), join(folder, "starts"), join(folder, "between")];
  writeFileSync(
    between,
    `#!/bin/sh
echo "$1" >>'${log}'
case $1 in
  check) cat >'${file}' && exec '${plugin}' "$@" <'${file}' ;;
  *) exec '${plugin}' "$@" ;;
esac
`,
  );
  chmodSync(between, 0o755);
  rmSync(log, { force: true });
  lint(between);
  return { file, bytes: statSync(file).size, starts: readFileSync(log, "utf8").trim().split("\n").length };
}

/** The time that each kind of start takes, by its first argument: the median of the rounds. */
export function timeStarts(
  plugin: string,
  { file }: CheckRequest,
  folder: string,
  rounds: number,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    starts.map(({ args }) => {
      const times = Array.from({ length: rounds }, () =>
        withInput(file, (input) => timedRun([plugin, ...args], { folder, input })),
      );
      return [args[0] ?? "", median(times.map(({ wallMs }) => wallMs))];
    }),
  );
}

/** The most memory that a check has at a time, in bytes. */
export function checkPeak(plugin: string, { file }: CheckRequest, folder: string): number {
  const report = join(folder, "peak");
  const hook = fileURLToPath(new URL("report-peak.cjs", import.meta.url));
  const env = { NODE_OPTIONS: `--require=${hook}`, PEAK_REPORT: report };
  withInput(file, (input) => timedRun([plugin, "check", "--format", "binary"], { folder, env, input }));
  return Number(readFileSync(report, "utf8"));
}

function withInput<T>(file: string, use: (input: number) => T): T {
  const input = openSync(file, "r");
  try {
    return use(input);
  } finally {
    closeSync(input);
  }
}
