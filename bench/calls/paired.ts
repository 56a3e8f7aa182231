// SPDX-License-Identifier: Apache-2.0
// What watching and wrapping cost: two clients of one process take turns in short blocks, one as its contract makes it, one
// with something added. The median over the pairs of blocks is what the machine's other work disturbs least.
// usage: npm run bench:observers -- [--pairs 40] [--calls 1000] [--concurrency 64] [--only TEXT]
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Caller, clients, observed } from "./clients.ts";
import { makeCalls } from "./make-calls.ts";

const { values: options } = parseArgs({
  options: {
    pairs: { type: "string", default: "40" },
    calls: { type: "string", default: "1000" },
    concurrency: { type: "string", default: "64" },
    only: { type: "string", default: "" },
    variant: { type: "string" },
  },
});

const plain = "talaria, all policies on";
const port = Number(process.env.BENCH_PORT ?? (await startServer()));

if (options.variant === undefined) {
  console.log(`CPU of a call against "${plain}", ${options.concurrency} in flight, ${options.pairs} pairs of blocks`);
  console.log(
    `${"".padEnd(40)}${["median", "best", "plain µs"].map((head, column) => head.padStart(column === 2 ? 10 : 8)).join("")}`,
  );
  for (const name of [plain, ...observed].filter((each) => each.includes(options.only))) {
    // A process of its own for each: what one adds must not slow the next.
    const args = [...process.argv.slice(2), "--variant", name];
    const child = fork(fileURLToPath(import.meta.url), args, {
      execArgv: process.execArgv,
      env: { ...process.env, BENCH_PORT: String(port) },
    });
    await once(child, "exit");
  }
} else {
  const { median, best, baseUs } = await compare(open(plain), open(options.variant));
  const figures = [median, best].map((ratio) => ratio.toFixed(3).padStart(8)).join("");
  console.log(`${options.variant.padEnd(40)}${figures}${baseUs.toFixed(1).padStart(10)}`);
}
process.exit(0);

function open(name: string): Caller {
  const client = clients[name];
  if (client === undefined) {
    throw new Error(`no client "${name}"`);
  }
  return client(port);
}

interface Comparison {
  /** The median of the pairs' ratios. */
  readonly median: number;
  /** The ratio of the cheapest tenths of both: what is left when the rest of the machine is quiet. */
  readonly best: number;
  /** What a call of the plain client cost in its cheapest tenth, in microseconds. */
  readonly baseUs: number;
}

async function compare(one: Caller, other: Caller): Promise<Comparison> {
  for (let warmUp = 0; warmUp < 6; warmUp++) {
    await cpuOf(one);
    await cpuOf(other);
  }
  const costs: { readonly base: number; readonly changed: number }[] = [];
  for (let pair = 0; pair < Number(options.pairs); pair++) {
    // Who goes first changes, so that neither always runs into the other's garbage.
    if (pair % 2 === 0) {
      const base = await cpuOf(one);
      costs.push({ base, changed: await cpuOf(other) });
    } else {
      const changed = await cpuOf(other);
      costs.push({ base: await cpuOf(one), changed });
    }
  }
  const [base, changed] = [costs.map((cost) => cost.base), costs.map((cost) => cost.changed)];
  const ratios = costs.map((cost) => cost.changed / cost.base);
  return {
    median: at(ratios, 0.5),
    best: at(changed, 0.1) / at(base, 0.1),
    baseUs: at(base, 0.1) / Number(options.calls),
  };
}

function at(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}

async function cpuOf(call: Caller): Promise<number> {
  const beforeUs = cpuUs();
  await makeCalls(call, Number(options.concurrency), Number(options.calls));
  return cpuUs() - beforeUs;
}

/** What the main thread has used. Linux tells it exactly; elsewhere it comes in ticks of a few milliseconds. */
function cpuUs(): number {
  if (existsSync("/proc/self/schedstat")) {
    return Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[0]) / 1000;
  }
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

async function startServer(): Promise<string> {
  const server = fork(fileURLToPath(new URL("server.ts", import.meta.url)), {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    execArgv: process.execArgv,
  });
  const [line] = await once(server.stdout ?? process.stdin, "data");
  return String(line).trim();
}
