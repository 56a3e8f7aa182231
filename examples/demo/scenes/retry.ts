// SPDX-License-Identifier: Apache-2.0
import { createOrderServiceClient } from "../../../generated/shop/orders/v1/orders_client.ts";
import { expectEqual } from "../check.ts";
import type { Scene } from "../scene.ts";
import { startServer } from "../server-process.ts";

const calls = 20;

/** `retry { max_attempts: 4 }`: what a second attempt can repair, callers never see. */
export const retry: Scene = {
  name: "retry",
  title: "A server that fails every third request looks healthy to its callers",
  contract: { file: "examples/shop/proto/shop/orders/v1/orders.proto", start: "retry:" },
  async play(screen) {
    await using server = await startServer("orders", { behaviour: "flaky" });
    await using orders = createOrderServiceClient({ target: server.target });

    let ok = 0;
    const attempts: number[] = [];
    const callAll = async (): Promise<void> => {
      for (let seen = 0; attempts.length < calls; ) {
        const { order } = await orders.getOrder({ orderId: `${attempts.length}` });
        ok += order === undefined ? 0 : 1;
        const { attempts: total } = await server.tally("GetOrder");
        attempts.push(total - seen);
        seen = total;
      }
    };
    await screen.watch(callAll(), () => [
      `  attempts at the server  ${attempts.map((count) => screen.tint(count > 1 ? "warning" : "good", `${count}`)).join(" ")}`,
      `  answers at the caller   ${screen.tint("good", "✓ ".repeat(ok).trimEnd())}`,
    ]);

    const tally = await server.tally("GetOrder");
    return [
      expectEqual("calls that succeed", ok, calls),
      // The server fails requests 3, 6, ... 27.
      expectEqual("attempts at the server", tally.attempts, calls + 9),
      expectEqual("of these, marked as retries", tally.retries, 9),
    ];
  },
};
