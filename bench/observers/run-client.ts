// SPDX-License-Identifier: Apache-2.0
// Makes calls with a client that nobody watches and with one that is watched, by turns, and prints as JSON what they cost.
// usage: run-client <observer> <port> <concurrency> <calls> <pairs>
import { existsSync, readFileSync } from "node:fs";
import { type ClientExtensions, contractOf, createServiceClient } from "@talaria/runtime";
import type { Caller } from "../calls/clients.ts";
import { makeCalls } from "../calls/make-calls.ts";
import { echoService, request } from "../calls/service.ts";
import { observers } from "./observers.ts";

const [name = "", port, concurrency, calls, pairs] = process.argv.slice(2);
const observer = observers[name];
if (observer === undefined) {
  throw new Error(`no observer "${name}"`);
}
const plain = open({});
const watched = open(observer());
const costs: { readonly plain: number; readonly watched: number }[] = [];
const warmUp = 8;
for (let pair = 0; pair < warmUp + Number(pairs); pair++) {
  // Who goes first changes, so that neither always runs into the other's garbage.
  const first = await cpuOf(pair % 2 === 0 ? plain : watched);
  const second = await cpuOf(pair % 2 === 0 ? watched : plain);
  if (pair >= warmUp) {
    costs.push(pair % 2 === 0 ? { plain: first, watched: second } : { plain: second, watched: first });
  }
}
const cheapest = {
  plain: quantile(
    costs.map((cost) => cost.plain),
    0.1,
  ),
  watched: quantile(
    costs.map((cost) => cost.watched),
    0.1,
  ),
};
console.log(
  JSON.stringify({
    // Of the ratios of the pairs.
    median: quantile(
      costs.map((cost) => cost.watched / cost.plain),
      0.5,
    ),
    // Of the cheapest tenths of both: what is left when the rest of the machine is quiet.
    best: cheapest.watched / cheapest.plain,
    plainUs: cheapest.plain / Number(calls),
  }),
);
process.exit(0);

function open(extensions: ClientExtensions): Caller {
  const options = { ...extensions, target: `dns:///127.0.0.1:${port}` };
  const client = createServiceClient(contractOf(echoService), options) as unknown as {
    say(message: unknown): Promise<unknown>;
  };
  const message = request();
  return () => client.say(message);
}

async function cpuOf(call: Caller): Promise<number> {
  const beforeUs = cpuUs();
  await makeCalls(call, Number(concurrency), Number(calls));
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

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}
