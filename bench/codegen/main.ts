// SPDX-License-Identifier: Apache-2.0
// What generating a large module costs: the bundled protoc-gen-talaria, protoc-gen-es, and a plugin on protoplugin that
// does nothing, each in a process of its own, on the same request of buf, in turns. Quote the ratios: times are the machine's.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { root, runOrFail } from "../../test/support/run-command.ts";
import { type Cost, measure, median } from "./measure.ts";
import { writeRequest } from "./request.ts";
import { writeModule } from "./synthetic-module.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    sizes: { type: "string", default: "1,300,3000,30000" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (options.help) {
  console.log(`usage: npm run bench:codegen -- [options]
  --rounds N    rounds [3]; the median of the rounds counts
  --sizes A,B   services in the module [1,300,3000,30000], with ten methods to three services; above ${mostForPeers()}
                protoc-gen-talaria runs alone, once: the others would need more memory than Node.js takes
  --json        print the figures as JSON`);
  process.exit(0);
}

/** What is measured at one size of the module. */
interface Measurement {
  readonly services: number;
  readonly requestMb: number;
  /** By the name of the plugin. */
  readonly costs: Readonly<Record<string, Cost>>;
}

const folder = mkdtempSync(join(tmpdir(), "talaria-bench-"));
try {
  const plugins = await preparePlugins();
  const report: Measurement[] = [];
  for (const services of options.sizes.split(",").map(Number)) {
    const measurement = await measureSize(services, plugins);
    report.push(measurement);
    if (!options.json) {
      print(measurement);
    }
  }
  if (options.json) {
    console.log(JSON.stringify(report, undefined, 2));
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Above this many services, the others take minutes and more gigabytes than Node.js gives a process. */
function mostForPeers(): number {
  return 3000;
}

/** How each plugin is started. The first is ours. */
async function preparePlugins(): Promise<Record<string, readonly string[]>> {
  const bundle = join(folder, "bundle");
  await runOrFail([process.execPath, "--conditions=talaria-source", "plugin/build.ts", bundle]);
  writeFileSync(join(bundle, "package.json"), '{ "type": "module" }');
  return {
    "protoc-gen-talaria": [join(bundle, "main.js")],
    "protoc-gen-es": [join(root, "node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es")],
    "protoplugin, doing nothing": [fileURLToPath(new URL("do-nothing-plugin.ts", import.meta.url))],
  };
}

async function measureSize(
  services: number,
  plugins: Readonly<Record<string, readonly string[]>>,
): Promise<Measurement> {
  progress(`${services} services: compiling`);
  const request = join(folder, `request-${services}`);
  const bytes = await writeRequest(writeModule(services), request);
  const alone = services > mostForPeers();
  const measured = Object.entries(plugins).slice(0, alone ? 1 : undefined);
  const costs = new Map<string, Cost[]>(measured.map(([name]) => [name, []]));
  const rounds = alone ? 1 : Number(options.rounds);
  for (let round = 1; round <= rounds; round++) {
    progress(`${services} services: round ${round} of ${rounds}`);
    for (const [name, script] of measured) {
      costs.get(name)?.push(await measure(script, request, folder));
    }
  }
  rmSync(request);
  const medians = [...costs].map(([name, list]): [string, Cost] => [name, median(list)]);
  return { services, requestMb: bytes / 1e6, costs: Object.fromEntries(medians) };
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function print({ services, requestMb, costs }: Measurement): void {
  const [ours] = Object.values(costs);
  console.log(`\n${services} services, request of ${requestMb.toFixed(1)} MB`);
  console.log(`${"".padEnd(28)}${["wall", "CPU", "memory"].map((title) => title.padStart(12)).join("")}   ours to it`);
  for (const [name, cost] of Object.entries(costs)) {
    const figures = [`${cost.wallMs.toFixed(0)} ms`, `${cost.cpuMs.toFixed(0)} ms`, `${cost.peakMb.toFixed(0)} MB`];
    const ratios = ours === undefined || ours === cost ? "" : `   ${ratiosOf(ours, cost)}`;
    console.log(`${name.padEnd(28)}${figures.map((figure) => figure.padStart(12)).join("")}${ratios}`);
  }
}

function ratiosOf(ours: Cost, theirs: Cost): string {
  const ratio = (pick: (cost: Cost) => number): string => (pick(ours) / pick(theirs)).toFixed(3);
  return `wall ${ratio((cost) => cost.wallMs)}, CPU ${ratio((cost) => cost.cpuMs)}, memory ${ratio((cost) => cost.peakMb)}`;
}
