// SPDX-License-Identifier: Apache-2.0
// Clients that take turns: each has a process of its own, and makes a short block of calls while all others wait. What else the
// machine does disturbs the blocks of a round alike, so ratios are taken within a round.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { withoutOpenTelemetry } from "./clients.ts";
import type { Block, BlockCost } from "./run-client.ts";

/** The clients, ready to take turns. */
export type Contest = ReadonlyMap<string, ChildProcess>;

/** What the blocks of each client cost, round by round. */
export type Costs = ReadonlyMap<string, readonly BlockCost[]>;

const runClient = fileURLToPath(new URL("run-client.ts", import.meta.url));
const refuseOpenTelemetry = new URL("../../test/support/refuse-open-telemetry.ts", import.meta.url).href;

/** Starts each client in a process of its own. */
export async function openContest(names: readonly string[], port: string): Promise<Contest> {
  const contest = new Map<string, ChildProcess>();
  for (const name of names) {
    const refusal = name === withoutOpenTelemetry ? ["--import", refuseOpenTelemetry] : [];
    const child = fork(runClient, [name, port], { execArgv: [...process.execArgv, ...refusal] });
    await once(child, "message");
    contest.set(name, child);
  }
  return contest;
}

/** Makes so many calls that do not count. */
export async function warmUp(contest: Contest, block: Block): Promise<void> {
  for (const child of contest.values()) {
    await runBlock(child, block);
  }
}

/** Runs so many rounds. Adds what they cost to `costs`. */
export async function runRounds(
  contest: Contest,
  rounds: number,
  block: Block,
  costs: Map<string, BlockCost[]>,
): Promise<void> {
  // The first block at another concurrency still finds what it was not warm for.
  await warmUp(contest, block);
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first changes, so that nobody always runs into the garbage of the same neighbour.
    const order = round % 2 === 0 ? [...contest] : [...contest].reverse();
    for (const [name, child] of order) {
      costs.set(name, [...(costs.get(name) ?? []), await runBlock(child, block)]);
    }
  }
}

/** Ends the processes. */
export function closeContest(contest: Contest): void {
  for (const child of contest.values()) {
    child.disconnect();
  }
}

async function runBlock(child: ChildProcess, block: Block): Promise<BlockCost> {
  child.send(block);
  const [cost] = (await once(child, "message")) as [BlockCost];
  return cost;
}
