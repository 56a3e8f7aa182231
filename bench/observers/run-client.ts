// SPDX-License-Identifier: Apache-2.0
// Makes calls with a client that nobody watches and with one that is watched, by turns, and prints as JSON what they cost. A
// third reports the same to such an SDK by hand: what that costs is the SDK's.
// usage: run-client <observer> <port> <concurrency> <calls> <rounds>
import { existsSync, readFileSync } from "node:fs";
import { type ClientExtensions, contractOf, createServiceClient } from "@talaria/runtime";
import type { Caller } from "../calls/clients.ts";
import { makeCalls } from "../calls/make-calls.ts";
import { echoService, request } from "../calls/service.ts";
import { createByHand } from "./by-hand.ts";
import { observers, sdks } from "./observers.ts";

const [name = "", port = "", concurrency, calls, rounds] = process.argv.slice(2);
const observer = observers[name];
if (observer === undefined) {
  throw new Error(`no observer "${name}"`);
}
const sdk = sdks[name];
const callers: readonly Caller[] = [
  open({}),
  open(observer()),
  ...(sdk === undefined ? [] : [open({ telemetry: createByHand(port, sdk()) })]),
];
const costs: number[][] = callers.map(() => []);
const warmUp = 8;
for (let round = 0; round < warmUp + Number(rounds); round++) {
  for (let turn = 0; turn < callers.length; turn++) {
    // Who goes first changes, so that none always runs into the garbage of the same other.
    const index = (round + turn) % callers.length;
    const costUs = await cpuOf(callers[index] as Caller);
    if (round >= warmUp) {
      costs[index]?.push(costUs);
    }
  }
}
// The cheapest tenth is what is left when the rest of the machine is quiet.
const [plainUs = Number.NaN, watchedUs = Number.NaN, byHandUs] = costs.map((each) => quantile(each, 0.1));
const [plain = [], watched = []] = costs;
const ratios = plain.map((cost, round) => (watched[round] ?? Number.NaN) / cost);
const sdkUs = byHandUs === undefined ? undefined : byHandUs - plainUs;
console.log(JSON.stringify({ ratio: quantile(ratios, 0.5), plainUs, addedUs: watchedUs - plainUs, sdkUs }));
process.exit(0);

function open(extensions: ClientExtensions): Caller {
  const options = { ...extensions, target: `dns:///127.0.0.1:${port}` };
  const client = createServiceClient(contractOf(echoService), options) as unknown as {
    say(message: unknown): Promise<unknown>;
  };
  const message = request();
  return () => client.say(message);
}

/** What a call cost, in microseconds. */
async function cpuOf(call: Caller): Promise<number> {
  const beforeUs = cpuUs();
  await makeCalls(call, Number(concurrency), Number(calls));
  return (cpuUs() - beforeUs) / Number(calls);
}

/** What the main thread has used. Linux tells it exactly; elsewhere it comes in ticks of a few milliseconds. */
function cpuUs(): number {
  if (existsSync("/proc/self/schedstat")) {
    return Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[0]) / 1000;
  }
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}
