// SPDX-License-Identifier: Apache-2.0
// Makes calls with one client whenever its parent says so, and answers with what a call cost this process.
// usage (forked): run-client <client> <port>
import { clients } from "./clients.ts";
import { makeCalls } from "./make-calls.ts";

/** What the parent asks for. */
export interface Block {
  readonly concurrency: number;
  readonly calls: number;
}

/** What a block cost. */
export interface BlockCost {
  readonly cpuUs: number;
  readonly callsPerSecond: number;
}

const [name = "", port] = process.argv.slice(2);
const open = clients[name] ?? (await import("./watched.ts")).watchedClients[name];
if (open === undefined) {
  throw new Error(`no client "${name}"`);
}
const call = open(Number(port));

async function run({ concurrency, calls }: Block): Promise<BlockCost> {
  const cpuBefore = process.cpuUsage();
  const startedAtMs = performance.now();
  await makeCalls(call, concurrency, calls);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  return { cpuUs: (cpu.user + cpu.system) / calls, callsPerSecond: calls / seconds };
}

process.on("message", async (block: Block) => {
  process.send?.(await run(block));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
