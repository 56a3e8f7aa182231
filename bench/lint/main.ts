// SPDX-License-Identifier: Apache-2.0
// What our rules add to `buf lint`: buf's own rules alone against buf's and ours, by both commands of the plugin, in turns
// within a round, several rounds. Quote the ratios and the added times of pairs: absolute times are the machine's.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { buildPackage } from "../../test/lint/run-buf.ts";
import { median } from "./median.ts";
import { lintCommand, prepareModule } from "./modules.ts";
import { captureCheck, checkPeak, starts, timeStarts } from "./starts.ts";
import { type Cost, timedRun } from "./timed-run.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    sizes: { type: "string", default: "4,900,7000" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (options.help) {
  console.log(`usage: npm run bench:lint -- [options]
  --rounds N    rounds [7]; the median of the rounds counts. The largest module takes about a minute a round
  --sizes A,B   files in the module [4,900,7000]
  --json        print the figures as JSON`);
  process.exit(0);
}

/** What a plugin command adds to buf's own rules. */
interface Added {
  /** The medians over pairs of runs, one without and one with the plugin. */
  readonly wallMs: number;
  readonly wallRatio: number;
  /** Between the fastest run with the plugin and the fastest without: what is left where others use the machine too. */
  readonly fastestMs: number;
  readonly cpuMs: number;
  readonly cpuRatio: number;
  /** The most memory that the check has at a time. */
  readonly checkPeakMb: number;
  /** What one start of each kind takes. */
  readonly startMs: Readonly<Record<string, number>>;
}

/** What is measured at one size of the module. */
interface Measurement {
  readonly files: number;
  readonly requestMb: number;
  /** How often buf started the plugin for one `buf lint`. */
  readonly starts: number;
  readonly alone: Cost;
  /** By the command of the plugin. */
  readonly added: Readonly<Record<string, Added>>;
}

type Plugins = Readonly<Record<string, string>>;

const folder = mkdtempSync(join(tmpdir(), "talaria-bench-"));
try {
  // Why: the plugin's `node` is this one, wherever the bench was started.
  process.env.PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
  const built = join(folder, "plugin");
  mkdirSync(built);
  const { sh, js } = await buildPackage(built);
  const plugins: Plugins = { "buf-plugin-talaria-sh": sh, "buf-plugin-talaria": js };
  const rounds = Number(options.rounds);
  const emptyMs = median(Array.from({ length: 20 }, () => timedRun(["true"], { folder }).wallMs));
  const report: Measurement[] = [];
  for (const files of options.sizes.split(",").map(Number)) {
    const measurement = measureSize(files, plugins, rounds);
    report.push(measurement);
    if (!options.json) {
      print(measurement, emptyMs);
    }
  }
  if (options.json) {
    console.log(JSON.stringify({ emptyMs, sizes: report }, undefined, 2));
  }
} finally {
  rmSync(folder, { recursive: true });
}

function measureSize(files: number, plugins: Plugins, rounds: number): Measurement {
  const module = join(folder, `module-${files}`);
  progress(`${files} files: writing`);
  prepareModule(module, files);
  const request = captureCheck(folder, Object.values(plugins)[0] ?? "", (between) => {
    timedRun(lintCommand([between]), { folder: module });
  });
  const { alone, withPlugin } = runRounds(plugins, module, rounds, files);
  const added = Object.entries(plugins).map(([name, plugin]): readonly [string, Added] => {
    progress(`${files} files: ${name}, starts`);
    const startMs = timeStarts(plugin, request, folder, rounds);
    const checkPeakMb = checkPeak(plugin, request, folder) / 2 ** 20;
    return [name, { ...compare(alone, withPlugin.get(name) ?? []), startMs, checkPeakMb }];
  });
  return {
    files,
    requestMb: request.bytes / 2 ** 20,
    starts: request.starts,
    alone: { wallMs: median(alone.map(({ wallMs }) => wallMs)), cpuMs: median(alone.map(({ cpuMs }) => cpuMs)) },
    added: Object.fromEntries(added),
  };
}

/** Every round runs every command, and begins with another, so that no command profits from its place. */
function runRounds(
  plugins: Plugins,
  module: string,
  rounds: number,
  files: number,
): { readonly alone: readonly Cost[]; readonly withPlugin: ReadonlyMap<string, readonly Cost[]> } {
  const [alone, withPlugin] = [[] as Cost[], new Map<string, Cost[]>()];
  const turns: { readonly command: readonly string[]; readonly costs: Cost[] }[] = [
    { command: lintCommand([]), costs: alone },
  ];
  for (const [name, plugin] of Object.entries(plugins)) {
    const costs: Cost[] = [];
    withPlugin.set(name, costs);
    turns.push({ command: lintCommand([plugin]), costs });
  }
  for (let round = 0; round < rounds; round++) {
    progress(`${files} files: round ${round + 1} of ${rounds}`);
    for (const { command, costs } of turns) {
      costs.push(timedRun(command, { folder: module }));
    }
    turns.push(...turns.splice(0, 1));
  }
  return { alone, withPlugin };
}

/** Runs of one round make a pair: what slows the machine down slows both. */
function compare(alone: readonly Cost[], own: readonly Cost[]): Omit<Added, "startMs" | "checkPeakMb"> {
  const pairs = own.map((cost, round) => ({ cost, base: alone[round] ?? cost }));
  const fastest = (costs: readonly Cost[]): number => Math.min(...costs.map(({ wallMs }) => wallMs));
  return {
    wallMs: median(pairs.map(({ cost, base }) => cost.wallMs - base.wallMs)),
    wallRatio: median(pairs.map(({ cost, base }) => cost.wallMs / base.wallMs)),
    fastestMs: fastest(own) - fastest(alone),
    cpuMs: median(pairs.map(({ cost, base }) => cost.cpuMs - base.cpuMs)),
    cpuRatio: median(pairs.map(({ cost, base }) => cost.cpuMs / base.cpuMs)),
  };
}

function print({ files, requestMb, starts: started, alone, added }: Measurement, emptyMs: number): void {
  console.log(
    `\n${files} files, a request of ${requestMb.toFixed(1)} MB, ${started} starts: buf alone takes ${ms(alone.wallMs)}, ${ms(alone.cpuMs)} of CPU`,
  );
  const head = ["added", "ratio", "of the fastest", "CPU added", "CPU ratio", "check peak"];
  console.log(`${"".padEnd(24)}${head.map((each) => each.padStart(15)).join("")}`);
  for (const [name, cost] of Object.entries(added)) {
    const wall = [ms(cost.wallMs), cost.wallRatio.toFixed(2), ms(cost.fastestMs)];
    const cells = [...wall, ms(cost.cpuMs), cost.cpuRatio.toFixed(2), `${cost.checkPeakMb.toFixed(0)} MB`];
    console.log(`${name.padEnd(24)}${cells.map((each) => each.padStart(15)).join("")}`);
  }
  console.log(`each start, of which ${ms(emptyMs)} are an empty process`);
  for (const [name, { startMs }] of Object.entries(added)) {
    const cells = starts.map(({ args: [kind = ""], count }) => `${count} x ${kind} ${ms(startMs[kind] ?? Number.NaN)}`);
    console.log(`  ${name.padEnd(22)}${cells.join(", ")}`);
  }
}

function ms(value: number): string {
  return `${value.toFixed(Math.abs(value) < 10 ? 1 : 0)} ms`;
}

function progress(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001b[K${text}`);
  }
}
