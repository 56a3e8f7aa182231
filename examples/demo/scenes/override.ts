// SPDX-License-Identifier: Apache-2.0
import { isCallError, setOverrides } from "@talaria/runtime";
import { createOrderServiceClient } from "../../../generated/shop/orders/v1/orders_client.ts";
import { expectEqual } from "../check.ts";
import type { Scene } from "../scene.ts";
import { startServer } from "../server-process.ts";

const rule = { service: "shop.orders.v1.OrderService", method: "GetOrder", circuitBreaker: "open" } as const;

/** Overrides: an operator stops the calls of one method in a running process, and takes that back. */
export const override: Scene = {
  name: "override",
  title: "An operator stops the calls of one method, without a deployment",
  async play(screen) {
    await using server = await startServer("orders");
    await using orders = createOrderServiceClient({ target: server.target });
    const getOrder = (): Promise<string> => endOf(orders.getOrder({ orderId: "4711" }));

    const before = await getOrder();
    setOverrides({ reason: "the orders database is down", rules: [rule] });
    const during = await getOrder();
    const others = await endOf(orders.cancelOrder({ orderId: "4711" }));
    setOverrides(undefined);
    const after = await getOrder();
    for (const [when, end] of Object.entries({ before, during, "another method": others, after })) {
      screen.print(`  ${when.padEnd(16)}${screen.tint(end === answer ? "good" : "warning", end)}`);
    }

    const { attempts } = await server.tally("GetOrder");
    return [
      expectEqual("GetOrder before and after", `${before}, ${after}`, `${answer}, ${answer}`),
      expectEqual("GetOrder while it is stopped", during, "circuit_breaker_open"),
      expectEqual("CancelOrder meanwhile", others, answer),
      expectEqual("requests for GetOrder at the server", attempts, 2),
    ];
  },
};

const answer = "an answer";

function endOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => answer,
    (error: unknown) => (isCallError(error) ? error.reason : String(error)),
  );
}
