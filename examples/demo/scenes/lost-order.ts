// SPDX-License-Identifier: Apache-2.0
import { isCallError } from "@talaria/runtime";
import { createOrderServiceClient } from "../../../generated/shop/orders/v1/orders_client.ts";
import { expectEqual } from "../check.ts";
import { poll } from "../poll.ts";
import type { Scene } from "../scene.ts";
import { startFleet } from "../server-process.ts";

/** No `idempotency_level` on PlaceOrder: nobody gets a second meal, even where retry is on. */
export const lostOrder: Scene = {
  name: "lost-order",
  title: "An order whose server dies is not placed a second time",
  contract: { file: "examples/shop/proto/shop/orders/v1/orders.proto", start: "rpc PlaceOrder(" },
  async play(screen) {
    await using fleet = await startFleet("orders", ["healthy", "healthy", "healthy"]);
    await using orders = createOrderServiceClient({ target: fleet.target });

    const failure = orders.placeOrder({ dishes: ["Ramen"] }).then(
      () => "no error",
      (error: unknown) => error,
    );
    const tallies = await poll(
      "the order to arrive",
      () => Promise.all(fleet.servers.map((server) => server.tally("PlaceOrder"))),
      (all) => all.some(({ attempts }) => attempts > 0),
    );
    const at = tallies.findIndex(({ attempts }) => attempts > 0);
    const [cook, others] = [fleet.servers[at], fleet.servers.filter((_, index) => index !== at)];
    screen.print(`  PlaceOrder arrived at ${cook?.name}, which asks the bank`);
    await cook?.kill();
    screen.print(`  kill -9 ${cook?.pid}`);

    const error = await failure;
    screen.print(screen.tint("bad", `  ${error instanceof Error ? error.message : String(error)}`));
    const elsewhere = await Promise.all(others.map((server) => server.tally("PlaceOrder")));
    return [
      expectEqual("the call fails with", isCallError(error) ? error.reason : String(error), "connection_lost"),
      expectEqual("attempts of the caller", isCallError(error) ? error.attempts.length : 0, 1),
      expectEqual("attempts at the killed server", tallies[at]?.attempts ?? 0, 1),
      expectEqual("attempts at the other two", elsewhere.map(({ attempts }) => attempts).join(" and "), "0 and 0"),
    ];
  },
};
