// SPDX-License-Identifier: Apache-2.0
// What a unary call costs its client: CPU time per call, at several concurrencies, every client in its own process, all
// against one server, one after the other within a round, several rounds. Quote the ratios: absolute times are the machine's.
import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { clients } from "./clients.ts";

const run = promisify(execFile);
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    calls: { type: "string", default: "20000" },
    concurrency: { type: "string", default: "1,64,256" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (options.help) {
  console.log(`usage: npm run bench:calls -- [options]
  --rounds N         rounds [5]; the median of the rounds counts
  --calls N          calls per client and round [20000]
  --concurrency A,B  calls in flight [1,64,256]
  --only TEXT        only clients whose name contains TEXT, and those that ratios are taken to
  --json             print the figures as JSON`);
  process.exit(0);
}

interface Cost {
  readonly cpuUs: number;
  readonly callsPerSecond: number;
}

/** Those that the aims speak of. */
const peers = ["raw node:http2", "grpc-js stub", "connect-node"];

const server = fork(here("server.ts"), { stdio: ["ignore", "pipe", "inherit", "ipc"], execArgv: process.execArgv });
const [line] = await once(server.stdout ?? process.stdin, "data");
const port = String(line).trim();
const names = Object.keys(clients).filter(
  (name) => options.only === undefined || name.includes(options.only) || peers.includes(name),
);
const report: Record<string, Record<string, Cost>> = {};
for (const concurrency of options.concurrency.split(",")) {
  report[concurrency] = await measure(concurrency);
  if (!options.json) {
    print(concurrency, report[concurrency]);
  }
}
if (options.json) {
  console.log(JSON.stringify(report, undefined, 2));
}
server.kill();

async function measure(concurrency: string): Promise<Record<string, Cost>> {
  const costs = new Map<string, Cost[]>(names.map((name) => [name, []]));
  const calls = concurrency === "1" ? String(Number(options.calls) / 4) : options.calls;
  for (let round = 0; round < Number(options.rounds); round++) {
    process.stderr.write(`concurrency ${concurrency}, round ${round + 1} of ${options.rounds}\n`);
    for (const name of names) {
      const args = [...process.execArgv, here("run-client.ts"), name, port, concurrency, calls];
      const { stdout } = await run(process.execPath, args);
      costs.get(name)?.push(JSON.parse(stdout) as Cost);
    }
  }
  return Object.fromEntries([...costs].map(([name, rounds]) => [name, median(rounds)]));
}

function median(rounds: readonly Cost[]): Cost {
  const middle = (pick: (cost: Cost) => number): number => {
    const sorted = rounds.map(pick).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  return { cpuUs: middle(({ cpuUs }) => cpuUs), callsPerSecond: middle(({ callsPerSecond }) => callsPerSecond) };
}

function print(concurrency: string, costs: Readonly<Record<string, Cost>>): void {
  console.log(`\n${concurrency} in flight: CPU per call, and its ratio to`);
  console.log(
    `${"".padEnd(42)}${"µs".padStart(8)}${peers.map((peer) => peer.padStart(17)).join("")}${"calls/s".padStart(10)}`,
  );
  for (const [name, { cpuUs, callsPerSecond }] of Object.entries(costs)) {
    const ratios = peers.map((peer) => (cpuUs / (costs[peer]?.cpuUs ?? Number.NaN)).toFixed(2).padStart(17));
    console.log(
      `${name.padEnd(42)}${cpuUs.toFixed(1).padStart(8)}${ratios.join("")}${callsPerSecond.toFixed(0).padStart(10)}`,
    );
  }
}
