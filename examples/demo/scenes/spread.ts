// SPDX-License-Identifier: Apache-2.0
import { createOrderServiceClient, type OrderServiceClient } from "../../../generated/shop/orders/v1/orders_client.ts";
import { expectWithin } from "../check.ts";
import type { Scene } from "../scene.ts";
import { bar } from "../screen.ts";
import { type Fleet, startFleet } from "../server-process.ts";

const calls = 300;
const callers = 5;

/** `load_balancing { policy: ROUND_ROBIN }`: every server gets its share. */
export const spread: Scene = {
  name: "spread",
  title: `${calls} calls are spread evenly over three servers`,
  contract: { file: "examples/shop/proto/shop/orders/v1/orders.proto", start: "load_balancing:" },
  async play(screen) {
    await using fleet = await startFleet("orders", ["healthy", "healthy", "healthy"]);
    await using orders = createOrderServiceClient({ target: fleet.target });
    await reachAll(orders, fleet);

    const before = await counts(fleet);
    const paint = async () => {
      const now = await counts(fleet);
      return fleet.servers.map(({ name, pid }, index) => {
        const seen = (now[index] ?? 0) - (before[index] ?? 0);
        const blocks = screen.tint("good", bar(seen, calls / 2, 40).padEnd(40));
        return `  ${name} ${screen.tint("quiet", `pid ${pid}`)}  ${blocks} ${seen} calls`;
      });
    };
    await screen.watch(callAtOnce(orders), paint);

    const after = await counts(fleet);
    return fleet.servers.map(({ name }, index) =>
      expectWithin(`calls at ${name}`, (after[index] ?? 0) - (before[index] ?? 0), { min: 95, max: 105 }),
    );
  },
};

/** Connections open one after the other. The shares are counted from when all are there, or should be. */
async function reachAll(orders: OrderServiceClient, fleet: Fleet): Promise<void> {
  for (let call = 0; call < 100 && (await counts(fleet)).includes(0); call++) {
    await orders.getOrder({ orderId: "1" });
  }
}

async function callAtOnce(orders: OrderServiceClient): Promise<void> {
  const caller = async (): Promise<void> => {
    for (let call = 0; call < calls / callers; call++) {
      await orders.getOrder({ orderId: `${call}` });
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** How many attempts each server has seen. */
async function counts(fleet: Fleet): Promise<number[]> {
  const tallies = await Promise.all(fleet.servers.map((server) => server.tally("GetOrder")));
  return tallies.map(({ attempts }) => attempts);
}
