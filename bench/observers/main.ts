// SPDX-License-Identifier: Apache-2.0
// What watching and wrapping calls costs. For each way to do it a process of its own, in which clients take turns in short
// blocks: one as its contract makes it, one that is watched, and one that reports as much to the SDK by hand. Other work on the
// machine disturbs all alike.
import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { observers } from "./observers.ts";

const run = promisify(execFile);
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "150" },
    calls: { type: "string", default: "256" },
    concurrency: { type: "string", default: "1,64" },
    only: { type: "string", default: "" },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (options.help) {
  console.log(`usage: npm run bench:observers -- [options]
  --rounds N         rounds, of a block for each client [150]
  --calls N          calls in a block [256]
  --concurrency A,B  calls in flight [1,64]
  --only TEXT        only those whose name contains TEXT`);
  process.exit(0);
}

const server = fork(here("../calls/server.ts"), {
  stdio: ["ignore", "pipe", "inherit", "ipc"],
  execArgv: process.execArgv,
});
const [line] = await once(server.stdout ?? process.stdin, "data");
const port = String(line).trim();

for (const concurrency of options.concurrency.split(",")) {
  console.log(`\n${concurrency} in flight, ${options.rounds} rounds: CPU of a call against one that nobody watches`);
  console.log(row("", "ratio", "unwatched µs", "added µs", "SDK alone µs"));
  for (const name of Object.keys(observers).filter((each) => each.includes(options.only))) {
    const args = [...process.execArgv, here("run-client.ts"), name, port, concurrency, options.calls, options.rounds];
    const { ratio, plainUs, addedUs, sdkUs = "-" } = JSON.parse((await run(process.execPath, args)).stdout);
    console.log(row(name, ratio, plainUs, addedUs, sdkUs));
  }
}
server.kill();

function row(name: string, ...cells: readonly (number | string)[]): string {
  const [ratio, ...rest] = cells.map((cell) => (typeof cell === "number" ? cell.toFixed(2) : cell).padStart(14));
  return `${name.padEnd(30)}${ratio}${rest.join("")}`;
}
