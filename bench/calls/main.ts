// SPDX-License-Identifier: Apache-2.0
// What a unary call costs its client: CPU time per call, at several concurrencies, all clients in turns against one server.
// Quote the ratios: absolute times are the machine's.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeAims } from "./aims.ts";
import { clients, inAims } from "./clients.ts";
import { type Costs, closeContest, openContest, runRounds } from "./contest.ts";
import { median, ratioOf } from "./costs.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    calls: { type: "string", default: "1500" },
    concurrency: { type: "string", default: "1,64,256" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (options.help) {
  console.log(`usage: npm run bench:calls -- [options]
  --rounds N         rounds; the median of the rounds counts [15]
  --calls N          calls of a client in a round; a third of them at 1 in flight [1500]
  --concurrency A,B  calls in flight [1,64,256]
  --only TEXT        those whose name contains TEXT, and those that ratios are taken to; e.g. talaria for all ways
                     to watch calls, "" for all there is. Default: those that the aims speak of
  --json             prints the figures as JSON`);
  process.exit(0);
}

/** Those that ratios are taken to. */
const peers = ["raw node:http2", "grpc-js stub", "connect-node"];
const warmUpCalls = 6000;

const server = fork(fileURLToPath(new URL("server.ts", import.meta.url)), {
  stdio: ["ignore", "pipe", "inherit", "ipc"],
  execArgv: process.execArgv,
});
const [line] = await once(server.stdout ?? process.stdin, "data");
const { only } = options;
const names = Object.keys(clients).filter(
  (name) => peers.includes(name) || (only === undefined ? inAims(name) : name.includes(only)),
);
const contest = await openContest(names, String(line).trim());
const measured = new Map<number, Costs>();
for (const concurrency of options.concurrency.split(",").map(Number)) {
  const share = concurrency === 1 ? 1 / 3 : 1;
  const calls = Math.ceil(Number(options.calls) * share);
  const warmUp = { concurrency, calls: Math.ceil(warmUpCalls * share) };
  const costs = await runRounds(contest, Number(options.rounds), warmUp, { concurrency, calls });
  measured.set(concurrency, costs);
  if (!options.json) {
    print(concurrency, costs);
  }
}
console.log(options.json ? toJson(measured) : `\n${describeAims(measured)}`);
closeContest(contest);
server.disconnect();

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
