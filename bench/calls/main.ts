// SPDX-License-Identifier: Apache-2.0
// What a unary call costs its client: CPU time per call, at several concurrencies, all clients in turns against one server.
// Quote the ratios: absolute times are the machine's.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeAims, inAims } from "./aims.ts";
import { clients } from "./clients.ts";
import { type Costs, closeContest, openContest, runRounds, warmUp } from "./contest.ts";
import { median, ratioOf } from "./costs.ts";
import type { BlockCost } from "./run-client.ts";
import { watchedClients } from "./watched.ts";

const { values: options } = parseArgs({
  options: {
    starts: { type: "string", default: "3" },
    rounds: { type: "string", default: "9" },
    calls: { type: "string", default: "1500" },
    concurrency: { type: "string", default: "1,64,256" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (options.help) {
  console.log(`usage: npm run bench:calls -- [options]
  --starts N         how often all clients are started anew: how one is compiled differs from start to start [3]
  --rounds N         rounds of a start; the median of all counts [9]
  --calls N          calls of a client in a round; a third of them at 1 in flight [1500]
  --concurrency A,B  calls in flight [1,64,256]
  --only TEXT        those whose name contains TEXT, and those that ratios are taken to; e.g. talaria for all ways
                     to watch calls, "" for all there is. Default: those that the aims speak of
  --json             prints the figures as JSON`);
  process.exit(0);
}

/** Those that ratios are taken to. */
const peers = ["raw node:http2", "grpc-js stub", "connect-node"];
/** Until V8 compiles nothing any more that counts: seen by what blocks of calls cost, one after the other. */
const warmUpCalls = 20_000;

const server = fork(fileURLToPath(new URL("server.ts", import.meta.url)), {
  stdio: ["ignore", "pipe", "inherit", "ipc"],
  execArgv: process.execArgv,
});
const [line] = await once(server.stdout ?? process.stdin, "data");
const { only } = options;
const names = [...Object.keys(clients), ...Object.keys(watchedClients)].filter(
  (name) => peers.includes(name) || (only === undefined ? inAims(name) : name.includes(only)),
);
const measured = new Map<number, Map<string, BlockCost[]>>(
  options.concurrency.split(",").map((concurrency) => [Number(concurrency), new Map()]),
);
for (let start = 1; start <= Number(options.starts); start++) {
  const contest = await openContest(names, String(line).trim());
  process.stderr.write(`start ${start} of ${options.starts}: ${warmUpCalls} calls of each to be warm\n`);
  await warmUp(contest, { concurrency: 64, calls: warmUpCalls });
  for (const [concurrency, costs] of measured) {
    process.stderr.write(`start ${start} of ${options.starts}: ${concurrency} in flight\n`);
    const calls = Math.ceil(Number(options.calls) * (concurrency === 1 ? 1 / 3 : 1));
    await runRounds(contest, Number(options.rounds), { concurrency, calls }, costs);
  }
  closeContest(contest);
}
server.disconnect();
if (options.json) {
  console.log(toJson(measured));
} else {
  for (const [concurrency, costs] of measured) {
    print(concurrency, costs);
  }
  console.log(`\n${describeAims(measured)}`);
  console.log(
    "Processes that run the same differ by some per cent; what is finer, bench:observers tells in one process.",
  );
}

function print(concurrency: number, costs: Costs): void {
  const heads = peers.map((peer) => peer.padStart(17)).join("");
  console.log(`\n${concurrency} in flight: CPU per call, and its ratio to`);
  console.log(`${"".padEnd(42)}${"µs".padStart(8)}${heads}${"calls/s".padStart(10)}`);
  for (const [name, rounds] of costs) {
    const ratios = peers.map((peer) => (ratioOf(costs, name, peer) ?? Number.NaN).toFixed(2).padStart(17)).join("");
    const cpuUs = median(rounds.map((round) => round.cpuUs)).toFixed(1);
    const callsPerSecond = median(rounds.map((round) => round.callsPerSecond)).toFixed(0);
    console.log(`${name.padEnd(42)}${cpuUs.padStart(8)}${ratios}${callsPerSecond.padStart(10)}`);
  }
}

function toJson(all: ReadonlyMap<number, Costs>): string {
  const plain = Object.fromEntries([...all].map(([concurrency, costs]) => [concurrency, Object.fromEntries(costs)]));
  return JSON.stringify(plain, undefined, 2);
}
