// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { createOrderServiceClient } from "../../../generated/shop/orders/v1/orders_client.ts";
import { expectEqual, expectWithin } from "../check.ts";
import { createGauge, type Gauge, paintGauges, sampleRegularly } from "../gauge.ts";
import { startLoad } from "../load.ts";
import { poll } from "../poll.ts";
import type { Scene } from "../scene.ts";
import { type ServerProcess, startFleet } from "../server-process.ts";

/** Balancing and retry together: a server that dies under load is nobody's problem. */
export const restart: Scene = {
  name: "restart",
  title: "One of three servers is killed under load, and restarted",
  contract: { file: "examples/shop/proto/shop/orders/v1/orders.proto", start: "rpc GetOrder(" },
  async play(screen) {
    await using fleet = await startFleet("orders", ["healthy", "healthy", "healthy"]);
    await using orders = createOrderServiceClient({ target: fleet.target });
    const [first, victim, third] = fleet.servers.map(createGauge);
    if (first === undefined || victim === undefined || third === undefined) {
      throw new Error("three servers were to be started");
    }
    const gauges = [first, victim, third];

    await using load = startLoad(orders);
    await using _ = sampleRegularly(gauges);
    // The load stops before the last picture, so that it shows what the table counts.
    const restarting = killAndRestart(victim).finally(() => load.stop());
    await using restarted = await screen.watch(restarting, () => paintGauges(gauges, load, screen));

    const survivors = await Promise.all([first, third].map((gauge) => gauge.server.tally("GetOrder")));
    const { attempts } = await restarted.tally("GetOrder");
    const retries = survivors.reduce((sum, tally) => sum + tally.retries, 0);
    return [
      expectEqual("calls that fail", load.errors.length, 0),
      expectWithin("calls that succeed", load.ok, { min: 200 }),
      expectWithin("retries at the other two", retries, { min: 1 }),
      expectWithin("calls at the restarted server", attempts, { min: 50 }),
    ];
  },
};

async function killAndRestart(victim: Gauge): Promise<ServerProcess> {
  await sleep(1000);
  await victim.server.kill();
  victim.note = `kill -9 ${victim.server.pid}`;
  await sleep(500);
  victim.server = await victim.server.restart();
  victim.note += `, now ${victim.server.pid}`;
  await poll(
    "calls at the restarted server",
    () => victim.server.tally("GetOrder"),
    ({ attempts }) => attempts >= 50,
  );
  await sleep(500);
  return victim.server;
}
