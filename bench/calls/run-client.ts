// SPDX-License-Identifier: Apache-2.0
// Makes calls with one client and prints, as JSON, what a call cost this process.
// usage: run-client <client> <port> <concurrency> <calls>
import { clients } from "./clients.ts";
import { makeCalls } from "./make-calls.ts";

const [name = "", port, concurrency, calls] = process.argv.slice(2);
const open = clients[name];
if (open === undefined) {
  throw new Error(`no client "${name}"`);
}
const call = open(Number(port));
await makeCalls(call, Number(concurrency), Math.max(1000, Number(calls) / 4));
const cpuBefore = process.cpuUsage();
const startedAtMs = performance.now();
await makeCalls(call, Number(concurrency), Number(calls));
const cpu = process.cpuUsage(cpuBefore);
const seconds = (performance.now() - startedAtMs) / 1000;
console.log(
  JSON.stringify({ cpuUs: (cpu.user + cpu.system) / Number(calls), callsPerSecond: Number(calls) / seconds }),
);
process.exit(0);
