// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { status as Status } from "@grpc/grpc-js";
import type { FaultyShop } from "./faulty-shop.ts";

const { INTERNAL, INVALID_ARGUMENT, NOT_FOUND, UNAVAILABLE } = Status;

/** The secret that no telemetry may show. */
export const token = "s3cret-t0ken";

/** Lets everything go wrong that has a metric: retries, hedges, a breaker that trips and heals, throttling, limits. */
export async function faultyRun(shop: FaultyShop): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "x-session": token };
  for (const faults of [[], [UNAVAILABLE], [UNAVAILABLE, UNAVAILABLE], [NOT_FOUND], [], [INVALID_ARGUMENT]]) {
    await shop.call("Retried", faults, { headers });
  }
  await shop.call("Retried", [UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE], { headers });
  await Promise.all([
    shop.call("Hedged"),
    shop.call("Hedged", ["silence"]),
    shop.call("Hedged", ["silence", "silence"]),
    shop.call("Hedged", ["silence", NOT_FOUND]),
  ]);
  await breakAndHeal(shop);
  await Promise.all([1, 2, 3, 4].map(() => shop.call("Limited")));
  await shop.call("Late", ["silence"]);
  const cancel = new AbortController();
  shop.events.once("attempt", () => cancel.abort());
  await shop.call("Late", ["silence"], { signal: cancel.signal });
  for (let call = 0; call < 3; call++) {
    await shop.call("Get", [UNAVAILABLE, UNAVAILABLE, UNAVAILABLE]);
  }
}

async function breakAndHeal(shop: FaultyShop): Promise<void> {
  for (let call = 0; call < 7; call++) {
    await shop.call("Guarded", [INTERNAL]);
  }
  // The open window is a second long.
  await sleep(1100);
  await shop.call("Guarded");
  await shop.call("Guarded");
}
