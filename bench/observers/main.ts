// SPDX-License-Identifier: Apache-2.0
// What watching and wrapping calls costs. For each way to do it a process of its own, in which two clients take turns in
// short blocks: one as its contract makes it, one that is watched. Other work on the machine disturbs both alike.
import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { observers } from "./observers.ts";

const run = promisify(execFile);
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const { values: options } = parseArgs({
  options: {
    pairs: { type: "string", default: "60" },
    calls: { type: "string", default: "800" },
    concurrency: { type: "string", default: "1,64" },
    only: { type: "string", default: "" },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (options.help) {
  console.log(`usage: npm run bench:observers -- [options]
  --pairs N          pairs of blocks [60]
  --calls N          calls in a block [800]
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
  console.log(
    `\n${concurrency} in flight: CPU of a call against one that nobody watches, ${options.pairs} pairs of blocks`,
  );
  console.log(`${"".padEnd(32)}${"median".padStart(8)}${"best".padStart(8)}${"unwatched µs".padStart(14)}`);
  for (const name of Object.keys(observers).filter((each) => each.includes(options.only))) {
    const args = [...process.execArgv, here("run-client.ts"), name, port, concurrency, options.calls, options.pairs];
    const { median, best, plainUs } = JSON.parse((await run(process.execPath, args)).stdout);
    const ratios = [median, best].map((ratio) => ratio.toFixed(3).padStart(8)).join("");
    console.log(`${name.padEnd(32)}${ratios}${plainUs.toFixed(1).padStart(14)}`);
  }
}
server.kill();
