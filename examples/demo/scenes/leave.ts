// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@talaria/runtime";
import { createOrderServiceClient } from "../../../generated/shop/orders/v1/orders_client.ts";
import { expectEqual, expectWithin } from "../check.ts";
import { createGauge, type Gauge, paintGauges, sampleRegularly } from "../gauge.ts";
import { startLoad } from "../load.ts";
import type { Scene } from "../scene.ts";
import { startFleet } from "../server-process.ts";

/** `drain`: a server that is told to leave says so, finishes what it has begun, and goes. */
export const leave: Scene = {
  name: "leave",
  title: "One of three servers is told to leave under load, and no call notices",
  contract: { file: "examples/shop/proto/shop/orders/v1/orders.proto", start: "drain:" },
  async play(screen) {
    await using fleet = await startFleet("orders", ["healthy", "healthy", "healthy"]);
    await using orders = createOrderServiceClient({ target: fleet.target });
    await connect(orders);
    const gauges = fleet.servers.map(createGauge);
    const [leaver] = gauges;
    if (leaver === undefined) {
      throw new Error("three servers were to be started");
    }

    await using load = startLoad(orders);
    await using _ = sampleRegularly(gauges);
    const leaving = tellToLeave(leaver).finally(() => load.stop());
    const exitCode = await screen.watch(leaving, () => paintGauges(gauges, load, screen));

    return [
      expectEqual("calls that fail", load.errors.length, 0),
      expectWithin("calls that succeed", load.ok, { min: 100 }),
      expectEqual("exit code of the server", exitCode ?? "killed", 0),
    ];
  },
};

async function tellToLeave(leaver: Gauge): Promise<number | null> {
  await sleep(700);
  leaver.note = `kill -TERM ${leaver.server.pid}`;
  const exitCode = await leaver.server.leave();
  leaver.note += `, exit code ${exitCode}`;
  await sleep(700);
  return exitCode;
}
